import { createHash } from 'node:crypto';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type ParsedNode } from 'yaml';
import { RuleMapping, type RuleDocument, type RuleEntry, type RuleNode, type RuleScalar } from './rule-document.js';
import { isRefusal, refuse } from './rule-findings.js';
import { yamlNesting, type CordonError } from '../../kernel/index.js';

/** Bounds of one document after its aliases are written out. Real rules stay below 3,000 nodes. */
const MAX_NODES = 50_000;
const MAX_DEPTH = 40;
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Far above {@link MAX_DEPTH}, for the count before parsing takes brackets in texts for nesting. */
const MAX_NESTING = 500;

/** A document, or why it cannot be read. */
export type ReadDocument = RuleDocument | { readonly file: string; readonly index: number; readonly refusal: CordonError };

/** Reads every document of a rule file; empty documents are left out but keep their number. */
export function readDocuments(file: string, text: string): ReadDocument[] {
  if (text.length > MAX_CHARACTERS) return [attempt(file, 0, () => refuse('rules.yaml_too_large', `the file has ${text.length} characters; the limit is ${MAX_CHARACTERS}`))];
  const source = text.replace(/^\uFEFF/, '');
  const nesting = yamlNesting(source);
  if (nesting > MAX_NESTING) return [attempt(file, 0, () => refuse('rules.yaml_too_large', `nested deeper than ${MAX_NESTING} levels`))];
  const lines = new LineCounter();
  const documents = parseAllDocuments(source, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
  if (!Array.isArray(documents)) return [];
  return documents
    .map((document, index) => ({ document, index }))
    .filter(({ document }) => document.errors.length > 0 || !isEmpty(document))
    .map(({ document, index }) => attempt(file, index, () => readDocument(file, index, source, document, lines)));
}

function attempt(file: string, index: number, read: () => RuleDocument): ReadDocument {
  try {
    return read();
  } catch (error) {
    if (isRefusal(error)) return { file, index, refusal: error };
    throw error;
  }
}

function isEmpty(document: Document.Parsed): boolean {
  return document.contents === null || (isScalar(document.contents) && document.contents.value === null);
}

function readDocument(file: string, index: number, source: string, document: Document.Parsed, lines: LineCounter): RuleDocument {
  const [error] = document.errors;
  if (error) refuse('rules.yaml_syntax', error.message, { line: lines.linePos(error.pos[0]).line });
  const contents = document.contents;
  if (contents === null) refuse('rules.not_a_rule', 'the document is empty');
  const root = new NodeReader(lines).read(contents, 0);
  if (root.kind !== 'mapping') refuse('rules.not_a_rule', 'the document is not a mapping', root);
  const [start, , end] = contents.range;
  const text = source.slice(start, end).trimEnd();
  return { file, index, source: text, version: createHash('sha256').update(text).digest('hex'), root };
}

/** Turns nodes of the YAML library into ours and writes aliases out, counting every node an alias stands for. */
class NodeReader {
  private readonly anchors = new Map<string, { readonly node: RuleNode; readonly size: number }>();
  private size = 0;

  constructor(private readonly lines: LineCounter) {}

  read(node: ParsedNode | null, depth: number, line = 1): RuleNode {
    if (node === null) return { kind: 'scalar', line, text: '', value: null };
    const at = { line: this.lines.linePos(node.range[0]).line };
    this.grow(1, at);
    if (depth > MAX_DEPTH) refuse('rules.yaml_too_large', `nested deeper than ${MAX_DEPTH} levels`, at);
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (!target) refuse('rules.yaml_syntax', `the alias *${node.source} stands before or inside its anchor`, at);
      this.grow(target.size, at);
      return target.node;
    }
    const before = this.size;
    const result = isMap(node) ? this.mapping(node.items, depth, at.line)
      : isSeq(node) ? { kind: 'sequence' as const, line: at.line, items: node.items.map((item) => this.read(item as ParsedNode | null, depth + 1, at.line)) }
        : scalar(node, at.line);
    if (node.anchor) this.anchors.set(node.anchor, { node: result, size: this.size - before + 1 });
    return result;
  }

  private mapping(pairs: readonly { readonly key: unknown; readonly value: unknown }[], depth: number, line: number): RuleMapping {
    const entries: RuleEntry[] = [];
    for (const pair of pairs) {
      const key = this.read(pair.key as ParsedNode | null, depth + 1, line);
      if (key.kind !== 'scalar') refuse('rules.yaml_syntax', 'a key of a mapping must be plain text', key);
      const value = this.read(pair.value as ParsedNode | null, depth + 1, key.line);
      if (key.text === '<<') entries.push(...merged(value));
      else entries.push({ key: key.text, line: key.line, value });
    }
    return new RuleMapping(entries, line);
  }

  private grow(count: number, at: { readonly line: number }): void {
    this.size += count;
    if (this.size > MAX_NODES) refuse('rules.yaml_too_large', `more than ${MAX_NODES} nodes once aliases are written out`, at);
  }
}

/** YAML 1.1 merge key; own keys that stand beside it count as repeated, which is refused where they carry logic. */
function merged(value: RuleNode): readonly RuleEntry[] {
  const mappings = value.kind === 'sequence' ? value.items : [value];
  return mappings.flatMap((mapping) => {
    if (mapping.kind !== 'mapping') refuse('rules.yaml_syntax', 'the merge key << takes a mapping', mapping);
    return mapping.entries;
  });
}

function scalar(node: ParsedNode, line: number): RuleScalar {
  if (!isScalar(node)) refuse('rules.yaml_syntax', 'unknown kind of YAML node', { line });
  const { value, source } = node;
  const plain = value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : (source ?? '');
  return { kind: 'scalar', line, text: source ?? (plain === null ? '' : String(plain)), value: plain };
}
