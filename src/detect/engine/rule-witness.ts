import type { DetectionItem, Expression } from './expression.js';
import type { Witness } from './value-test.js';

/** A necessary condition over one field: where no atom of a rule holds, the rule cannot match. */
export interface Atom {
  readonly field: string;
  readonly witness: Witness;
}

/** Texts shorter than this stand in too many values to tell rules apart. */
const MIN_SUBSTRING = 3;

/** The most selective set of atoms of which every match fulfils one; undefined where there is none (keywords, negations). */
export function witnessesOf(expression: Expression): readonly Atom[] | undefined {
  switch (expression.kind) {
    case 'item': return ofItem(expression.item);
    case 'not': return undefined;
    case 'and': return best(expression.operands.map(witnessesOf));
    case 'or': return union(expression.operands.map(witnessesOf));
  }
}

function ofItem({ field, quantity, negated, tests }: DetectionItem): readonly Atom[] | undefined {
  if (field === undefined || negated) return undefined;
  const each = tests.map(({ witnesses }) => witnesses?.map((witness): Atom => ({ field, witness: usable(witness) })));
  return quantity === 'all' ? best(each) : union(each);
}

function usable(witness: Witness): Witness {
  return witness.kind === 'substring' && witness.text.length < MIN_SUBSTRING ? { kind: 'present' } : witness;
}

function union(sets: readonly (readonly Atom[] | undefined)[]): readonly Atom[] | undefined {
  const atoms: Atom[] = [];
  for (const set of sets) {
    if (set === undefined) return undefined;
    atoms.push(...set);
  }
  return atoms;
}

function best(sets: readonly (readonly Atom[] | undefined)[]): readonly Atom[] | undefined {
  let chosen: readonly Atom[] | undefined;
  for (const set of sets) {
    if (set !== undefined && (chosen === undefined || weight(set) < weight(chosen))) chosen = set;
  }
  return chosen;
}

/** How often a set can be expected to hold; only the order counts. */
function weight(atoms: readonly Atom[]): number {
  return atoms.reduce((sum, { witness }) => sum + (witness.kind === 'present' ? 100_000 : witness.kind === 'substring' ? 200 / witness.text.length : 1), 0);
}
