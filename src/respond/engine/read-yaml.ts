import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node, type Pair } from 'yaml';
import { yamlNesting, type JsonValue } from '../../kernel/index.js';
import { Findings, type Finding } from './finding.js';
import type { FindingCode } from './finding-catalogue.js';
import { Positions, type Located, type Path } from './positions.js';

/** Bounds of a playbook; ones that people write stay below a tenth. */
export const MAX_CHARACTERS = 512 * 1024;
const MAX_NODES = 50_000;
const MAX_DEPTH = 60;

export type ReadYaml = { readonly ok: true; readonly value: JsonValue; readonly positions: Positions } | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Reads one document of YAML 1.2 core schema that means the same to every reader: unique string keys, and neither anchors,
 * aliases, merge keys, tags nor directives. JSON is such YAML.
 */
export function readYaml(text: string): ReadYaml {
  const source = text.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const reader = new Reader();
  const value = reader.read(source, lines);
  const positions = new Positions(source, lines, reader.root);
  if (reader.problems.length === 0) return { ok: true, value, positions };
  const findings = new Findings(positions);
  for (const { code, offset, path, message } of reader.problems) findings.addAt(code, path, message, offset);
  return { ok: false, findings: findings.list() };
}

interface Problem {
  readonly code: FindingCode;
  readonly path: Path;
  readonly offset: number;
  readonly message: string;
}

class Reader {
  readonly problems: Problem[] = [];
  root: Located = { start: 0, end: 0, keyStart: undefined, inside: new Map() };
  private nodes = 0;

  read(source: string, lines: LineCounter): JsonValue {
    if (source.length > MAX_CHARACTERS) return this.refuse('playbook.too_large', [], 0, `the playbook has ${source.length} characters; the limit is ${MAX_CHARACTERS}`);
    // Before parsing, since the YAML library recurses; brackets in texts count too, hence the wide limit.
    if (yamlNesting(source) > MAX_DEPTH * 5) return this.refuse('playbook.too_large', [], 0, 'the playbook is nested too deeply');
    // Keys are compared below: the library compares each with all others, which takes long where there are many.
    const documents = parseAllDocuments(source, { version: '1.2', schema: 'core', lineCounter: lines, uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
    const [document, second] = Array.isArray(documents) ? documents : [];
    if (!document?.contents) return this.refuse('playbook.yaml_syntax', [], 0, 'the document is empty');
    for (const { message, pos } of document.errors.slice(0, 20)) this.refuse('playbook.yaml_syntax', [], pos[0], message);
    if (second) this.refuse('playbook.yaml_feature', [], second.range[0], 'a second document begins here');
    if (document.directives?.yaml.explicit === true || Object.keys(document.directives?.tags ?? {}).length > 1) this.refuse('playbook.yaml_feature', [], 0, 'the document has directives');
    if (this.problems.length > 0) return null;
    const { value, located } = this.node(document.contents, [], undefined, 0);
    this.root = located;
    return value;
  }

  private refuse(code: FindingCode, path: Path, offset: number, message: string): null {
    if (this.problems.length < 100) this.problems.push({ code, path, offset, message });
    return null;
  }

  private node(node: Node | null, path: Path, keyStart: number | undefined, depth: number): { value: JsonValue; located: Located } {
    const start = node?.range?.[0] ?? keyStart ?? 0;
    const located = (inside: ReadonlyMap<string | number, Located> = new Map()): Located => ({ start, end: node?.range?.[1] ?? start, keyStart, inside });
    const refused = (code: FindingCode, message: string): { value: JsonValue; located: Located } => ({ value: this.refuse(code, path, start, message), located: located() });
    if (node === null) return { value: null, located: located() };
    this.nodes++;
    if (this.nodes > MAX_NODES || depth > MAX_DEPTH) return refused('playbook.too_large', this.nodes > MAX_NODES ? `the playbook has more than ${MAX_NODES} values` : `the playbook is nested deeper than ${MAX_DEPTH} levels`);
    if (isAlias(node)) return refused('playbook.yaml_feature', `*${node.source} refers to an anchor`);
    if ('anchor' in node && node.anchor !== undefined) return refused('playbook.yaml_feature', `&${String(node.anchor)} is an anchor`);
    if (node.tag !== undefined) return refused('playbook.yaml_feature', `${node.tag} is a tag`);
    if (isScalar(node)) return { value: this.scalar(node.value, path, start), located: located() };
    if (isSeq<Node>(node)) {
      const items = node.items.map((item, index) => this.node(item, [...path, index], undefined, depth + 1));
      return { value: items.map(({ value }) => value), located: located(new Map(items.map((item, index) => [index, item.located]))) };
    }
    if (!isMap<Node, Node | null>(node)) return refused('playbook.yaml_feature', 'this is neither a mapping, a list nor a single value');
    const seen = new Set<string>();
    const members = node.items.flatMap((pair) => this.member(pair, path, start, depth)).filter(({ key, located: { keyStart: offset } }) => {
      if (seen.has(key)) this.refuse('playbook.duplicate_key', [...path, key], offset ?? start, `'${key}' stands twice in one mapping`);
      return !seen.has(key) && seen.add(key);
    });
    return { value: Object.fromEntries(members.map(({ key, value }) => [key, value])), located: located(new Map(members.map((member) => [member.key, member.located]))) };
  }

  private member({ key, value }: Pair<Node, Node | null>, path: Path, start: number, depth: number): { key: string; value: JsonValue; located: Located }[] {
    const offset = key.range?.[0] ?? start;
    if (!isScalar(key) || key.tag !== undefined || key.anchor !== undefined) {
      this.refuse('playbook.yaml_feature', path, offset, 'a key is more than a plain name');
      return [];
    }
    const name = key.value;
    if (typeof name !== 'string') {
      this.refuse('playbook.yaml_feature', path, offset, `the key ${String(name)} is not text; write it in quotes`);
      return [];
    }
    if (name === '<<' || name === '__proto__') {
      this.refuse('playbook.yaml_feature', path, offset, name === '<<' ? '<< is a merge key' : '__proto__ is no name that every reader takes');
      return [];
    }
    this.scalar(name, path, offset);
    return [{ key: name, ...this.node(value, [...path, name], offset, depth + 1) }];
  }

  private scalar(value: unknown, path: Path, offset: number): JsonValue {
    if (typeof value === 'string') return /\p{Surrogate}/u.test(value) ? this.refuse('playbook.yaml_feature', path, offset, 'the text holds half of a surrogate pair') : value;
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.refuse('playbook.yaml_feature', path, offset, `${String(value)} is no number of JSON`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) return this.refuse('playbook.yaml_feature', path, offset, 'the integer is beyond 2^53, where JSON numbers are no longer exact');
    return value;
  }
}
