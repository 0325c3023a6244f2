import { hash } from 'node:crypto';
import type { CorrelationSpec } from '../correlation-spec.js';
import type { Hit } from './hit.js';

/** An event with arrays in several group-by fields belongs to every combination, up to this many. */
const MAX_COMBINATIONS = 64;

/** Keys are stored in an index, whose entries are bounded; longer ones are replaced by their SHA-256. */
const MAX_KEY = 256;

export interface GroupKey {
  readonly key: string;
  readonly values: readonly string[];
}

/** Reads group-by values and counted fields out of hits, aliases resolved per rule. */
export class FieldReader {
  private readonly groupFields: readonly (readonly string[])[];
  private readonly valueFields: readonly (readonly string[])[];

  constructor(spec: CorrelationSpec) {
    const fieldOf = (rule: string, name: string): string => spec.aliases[name]?.[rule] ?? name;
    const counted = spec.condition.kind === 'threshold' ? spec.condition.fields : [];
    this.groupFields = spec.rules.map((rule) => spec.groupBy.map((name) => fieldOf(rule, name)));
    this.valueFields = spec.rules.map((rule) => counted.map((name) => fieldOf(rule, name)));
  }

  /** The groups a hit belongs to: none where a value is missing, since a missing user is not one user. */
  groups(hit: Hit, rule: number): readonly GroupKey[] {
    return combinations(hit, this.groupFields[rule] ?? []).map((values) => {
      const [only = ''] = values;
      const key = values.length < 2 ? only : JSON.stringify(values);
      return { key: key.length > MAX_KEY ? hash('sha256', key) : key, values };
    });
  }

  /** Distinct values of the counted field; with several fields tuples of them. */
  distinct(hit: Hit, rule: number): readonly string[] {
    return combinations(hit, this.valueFields[rule] ?? []).map((values) => (values.length === 1 ? values[0] ?? '' : JSON.stringify(values)));
  }

  /** Numbers of the field; what is no number is left out. */
  numbers(hit: Hit, rule: number): readonly number[] {
    const [field] = this.valueFields[rule] ?? [];
    return field === undefined ? [] : hit.values(field).map(toNumber).filter(Number.isFinite);
  }
}

function combinations(hit: Hit, fields: readonly string[]): readonly (readonly string[])[] {
  const [first] = fields;
  if (first !== undefined && fields.length === 1) return [...new Set(hit.values(first))].slice(0, MAX_COMBINATIONS).map((value) => [String(value)]);
  let tuples: (readonly string[])[] = [[]];
  for (const field of fields) {
    const values = hit.values(field);
    const [only] = values;
    if (values.length === 1) tuples = tuples.map((tuple) => [...tuple, String(only)]);
    else tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, String(value)])).slice(0, MAX_COMBINATIONS);
  }
  return tuples;
}

function toNumber(value: string | number | boolean): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}
