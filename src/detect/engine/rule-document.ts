import type { JsonObject, JsonValue } from '../../kernel/index.js';

/**
 * One YAML document of a rule file, reduced to what rules are made of. Scalars keep their source text: Sigma compares
 * strings, and a YAML number such as `00000429` or `0x50800000` is no longer what the author wrote.
 */
export interface RuleDocument {
  readonly file: string;
  /** 0-based position of the document in its file. */
  readonly index: number;
  readonly source: string;
  /** SHA-256 (hex) of `source`. */
  readonly version: string;
  readonly root: RuleMapping;
}

export type RuleNode = RuleMapping | RuleSequence | RuleScalar;

export interface RuleSequence {
  readonly kind: 'sequence';
  /** 1-based line in the file. */
  readonly line: number;
  readonly items: readonly RuleNode[];
}

export interface RuleScalar {
  readonly kind: 'scalar';
  readonly line: number;
  /** As written, without quotes and with the escapes of a quoted scalar resolved. */
  readonly text: string;
  /** As the YAML 1.2 core schema reads it. */
  readonly value: string | number | boolean | null;
}

export interface RuleEntry {
  readonly key: string;
  readonly line: number;
  readonly value: RuleNode;
}

/** A mapping in the order of the document. Keys are text; `entries` holds a repeated key twice. */
export class RuleMapping {
  readonly kind = 'mapping';
  private readonly byKey: ReadonlyMap<string, RuleNode>;

  constructor(readonly entries: readonly RuleEntry[], readonly line: number) {
    this.byKey = new Map(entries.map(({ key, value }) => [key, value]));
  }

  get(key: string): RuleNode | undefined {
    return this.byKey.get(key);
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }
}

/** The text of a scalar that is not null; undefined for anything else. */
export function textOf(node: RuleNode | undefined): string | undefined {
  return node?.kind === 'scalar' && node.value !== null ? node.text : undefined;
}

/** The node as a list: the items of a sequence, one item for anything else, none where it is absent or null. */
export function listOf(node: RuleNode | undefined): readonly RuleNode[] {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
  return node.kind === 'sequence' ? node.items : [node];
}

/** What a node is, in the words of a message. */
export function describeNode(node: RuleNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'sequence') return 'a list';
  return node.value === null ? 'null' : `'${node.text}'`;
}

/** The node as plain JSON, scalars as YAML reads them. */
export function toJson(node: RuleNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(toJson);
  const object: JsonObject = {};
  for (const { key, value } of node.entries) Object.defineProperty(object, key, { value: toJson(value), enumerable: true, writable: true, configurable: true });
  return object;
}
