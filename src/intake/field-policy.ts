import { createHmac, type KeyObject } from 'node:crypto';
import type { FieldPolicyRule } from '../config/index.js';

/**
 * What becomes of a field: its member goes, one value takes its place, or each value in it is replaced by its text. Lists
 * keep their length then, so that counts still work; an object is one value, since its keys may be as telling as its values.
 */
export type Replacement = { readonly kind: 'drop' } | { readonly kind: 'whole'; readonly value: string } | { readonly kind: 'each'; readonly replace: (text: string) => string };

/** One step of the compiled paths. */
interface PathNode {
  readonly children: Map<string, PathNode>;
  /** Child for `*`: any one key. */
  any?: PathNode;
  /** Child for `**`: any keys, none included. */
  deep?: PathNode;
  replacement?: Replacement;
}

/** Where the walk through a record stands: every path that still fits. Empty: nothing below can match. */
export type PathState = readonly PathNode[];

const MASK = '[masked]';
const newNode = (): PathNode => ({ children: new Map() });

/**
 * Field policy of one source, compiled. Keys are compared without regard to case, since header-like names come in any;
 * arrays are entered without a step of their own; a literal dotted key is its nested path. What leans towards matching
 * too much is meant: the rule exists to keep a value out of the store.
 */
export class FieldPolicy {
  readonly #root = newNode();
  readonly start: PathState;

  constructor(rules: readonly FieldPolicyRule[], key: KeyObject) {
    for (const rule of rules) this.nodeOf(rule.path.toLowerCase().split('.')).replacement ??= replacementOf(rule, key);
    this.start = rules.length === 0 ? [] : withDeep([this.#root]);
  }

  get isEmpty(): boolean {
    return this.start.length === 0;
  }

  private nodeOf(path: readonly string[]): PathNode {
    let node = this.#root;
    for (const segment of path) node = childOf(node, segment);
    return node;
  }
}

function childOf(node: PathNode, segment: string): PathNode {
  if (segment === '*') return (node.any ??= newNode());
  if (segment === '**') return (node.deep ??= newNode());
  const existing = node.children.get(segment);
  if (existing) return existing;
  const child = newNode();
  node.children.set(segment, child);
  return child;
}

/** A `**` may stand for no key at all, so the node behind it holds at once. */
function withDeep(nodes: readonly PathNode[]): PathNode[] {
  return nodes.flatMap((node) => (node.deep ? [node, ...withDeep([node.deep])] : [node]));
}

/** State below `key`. */
export function enter(state: PathState, key: string): PathState {
  let current = state;
  for (const segment of key.toLowerCase().split('.')) {
    if (current.length === 0) return current;
    // Without duplicates: two `**` reach the same node in more ways with every key, and the ways would multiply.
    current = [...new Set(withDeep(current.flatMap((node) => step(node, segment))))];
  }
  return current;
}

function step(node: PathNode, segment: string): PathNode[] {
  const next: PathNode[] = [];
  const child = node.children.get(segment);
  if (child) next.push(child);
  if (node.any) next.push(node.any);
  // The node that has a `**` child stays where it is: `**` takes this key too.
  if (node.deep) next.push(node);
  return next;
}

/** The rule that applies to the value at `state`, if any; of several the first declared path at the most literal node. */
export function replacementAt(state: PathState): Replacement | undefined {
  return state.find(({ replacement }) => replacement !== undefined)?.replacement;
}

function replacementOf({ path, action, class: tokenClass }: FieldPolicyRule, key: KeyObject): Replacement {
  switch (action) {
    case 'drop':
      return { kind: 'drop' };
    case 'mask':
      return { kind: 'whole', value: MASK };
    case 'hash':
      return { kind: 'each', replace: (text) => `hmac-sha256:${keyed(key, `hash:${path.toLowerCase()}`, text).toString('hex')}` };
    case 'tokenise':
      return { kind: 'each', replace: (text) => `tok_${tokenClass}_${keyed(key, `token:${tokenClass}`, text).subarray(0, 16).toString('base64url')}` };
  }
}

/** The domain is length-prefixed, so no value of one class can equal a value of another. */
function keyed(key: KeyObject, domain: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${domain.length}:${domain}:`).update(text).digest();
}
