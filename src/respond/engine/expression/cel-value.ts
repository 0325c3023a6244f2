import type { JsonValue } from '../../../kernel/index.js';
import { formatDuration } from '../duration.js';
import type { Budget } from './budget.js';
import { CelFailure } from './cel-failure.js';

/** An instant, to the millisecond. */
export class Timestamp {
  constructor(readonly ms: number) {}
}

/** A length of time, to the millisecond. */
export class Duration {
  constructor(readonly ms: number) {}
}

/** What `type(x)` gives. */
export class TypeName {
  constructor(readonly kind: Kind) {}
}

/**
 * A value inside an expression. JSON stands for itself, so its numbers are CEL's `double`; a `bigint` is CEL's `int`, which
 * only literals and functions such as `size()` make.
 */
export type CelValue = null | boolean | bigint | number | string | Timestamp | Duration | TypeName | CelValue[] | CelMap;
export interface CelMap {
  [key: string]: CelValue;
}

export const KINDS = ['null', 'bool', 'int', 'double', 'string', 'list', 'map', 'timestamp', 'duration', 'type'] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(value: CelValue): Kind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Timestamp) return 'timestamp';
      if (value instanceof Duration) return 'duration';
      return value instanceof TypeName ? 'type' : 'map';
  }
}

export function isMap(value: CelValue): value is CelMap {
  return kindOf(value) === 'map';
}

/** Equality of CEL: numbers by value, lists and maps by content, different kinds never. */
export function equals(a: CelValue, b: CelValue, budget: Budget): boolean {
  budget.spend(1);
  if (isNumber(a) && isNumber(b)) return a == b;
  if (typeof a === 'string' && typeof b === 'string') {
    budget.spendText(a.length);
    return a === b;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (a instanceof Timestamp || a instanceof Duration) return kindOf(a) === kindOf(b) && a.ms === (b as Timestamp).ms;
  if (a instanceof TypeName) return b instanceof TypeName && a.kind === b.kind;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null, budget));
  if (!isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equals(a[key] ?? null, b[key] ?? null, budget));
}

export function isNumber(value: CelValue): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/** The JSON of a value: timestamps and durations become ISO 8601 text. */
export function toJson(value: CelValue, budget: Budget): JsonValue {
  budget.spend(1);
  if (typeof value === 'string') {
    budget.spendText(value.length);
    return value;
  }
  if (typeof value === 'bigint') return Number(value);
  // A sum may be -0, which JSON does not know.
  if (typeof value === 'number') return finite(value) + 0;
  if (value === null || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => toJson(item, budget));
  if (value instanceof Timestamp) return new Date(value.ms).toISOString();
  if (value instanceof Duration) return formatDuration(value.ms);
  if (value instanceof TypeName) return value.kind;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member, budget)]));
}

/** @throws CelFailure where a number is none of JSON, or an integer that JSON readers would round */
export function finite(value: number): number {
  if (!Number.isFinite(value)) throw new CelFailure('the result is not a finite number');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new CelFailure(BEYOND);
  return value;
}

/** @throws CelFailure beyond 2^53 */
export function safe(value: bigint): bigint {
  if (value > MAX || value < -MAX) throw new CelFailure(BEYOND);
  return value;
}

const MAX = BigInt(Number.MAX_SAFE_INTEGER);
const BEYOND = 'the integer is beyond 2^53, where JSON numbers are no longer exact';
