import type { EventView, FieldTable, FieldValue } from './event-view.js';
import { SubstringSet } from './substring-set.js';
import type { Atom } from './rule-witness.js';

/** What the index knows of one field. Numbers stand for rules. */
interface FieldIndex {
  readonly slot: number;
  readonly present: number[];
  readonly equals: Map<string, number[]>;
  readonly numbers: Map<number, number[]>;
  readonly substrings: SubstringSet;
}

/** Finds the rules that may match an event by the witnesses of the rules; it may name too many rules, never too few. */
export class RuleIndex {
  private readonly always: number[] = [];
  private readonly fields = new Map<string, FieldIndex>();

  constructor(witnesses: readonly (readonly Atom[] | undefined)[], private readonly table: FieldTable) {
    witnesses.forEach((atoms, rule) => {
      if (atoms === undefined) this.always.push(rule);
      else for (const atom of atoms) this.add(atom, rule);
    });
    for (const { substrings } of this.fields.values()) substrings.build();
  }

  /** Calls `visit` for each rule that may match, some of them more than once. */
  candidates(view: EventView, visit: (rule: number) => void): void {
    this.always.forEach(visit);
    for (const index of this.fields.values()) {
      const field = view.field(index.slot);
      if (!field.exists) continue;
      index.present.forEach(visit);
      for (const value of field.values) visitValue(index, value, visit);
    }
  }

  private add({ field, witness }: Atom, rule: number): void {
    let index = this.fields.get(field);
    if (index === undefined) {
      index = { slot: this.table.slot(field), present: [], equals: new Map(), numbers: new Map(), substrings: new SubstringSet() };
      this.fields.set(field, index);
    }
    switch (witness.kind) {
      case 'present': index.present.push(rule); break;
      case 'equals': append(index.equals, witness.text, rule); break;
      case 'substring': index.substrings.add(witness.text, rule); break;
      case 'number':
        append(index.equals, witness.text, rule);
        append(index.numbers, witness.number, rule);
    }
  }
}

function visitValue(index: FieldIndex, value: FieldValue, visit: (rule: number) => void): void {
  if (index.equals.size > 0) index.equals.get(value.folded)?.forEach(visit);
  if (index.numbers.size > 0) {
    const number = value.number;
    if (number !== undefined) index.numbers.get(number)?.forEach(visit);
  }
  if (index.substrings.size > 0) index.substrings.search(value.folded, visit);
}

function append<K>(map: Map<K, number[]>, key: K, rule: number): void {
  const rules = map.get(key);
  if (rules) rules.push(rule);
  else map.set(key, [rule]);
}
