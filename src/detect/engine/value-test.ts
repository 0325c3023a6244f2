import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { JsonValue } from '../../kernel/index.js';
import type { EventView, FieldValue, FieldValues } from './event-view.js';
import type { LinearRegex } from './linear-regex.js';
import type { Comparison, Position, TimePart } from './modifier-chain.js';
import { compilePattern, type CompiledPattern, type Pattern } from './pattern.js';
import { timePart } from './time-part.js';

/**
 * A condition that every match implies, stated over one value of the field in folded form; it lets the index leave
 * out rules without evaluating them. `equals` is the whole text, `number` the numeric value, `substring` a part of the text.
 */
export type Witness =
  | { readonly kind: 'equals' | 'substring'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number; readonly text: string }
  | { readonly kind: 'present' };

const PRESENT: Witness = { kind: 'present' };

/** One expected value of a detection item. */
export interface ValueTest {
  readonly operator: string;
  readonly expected: JsonValue;
  /** Relative; tests run in rising order. */
  readonly cost: number;
  /** A match implies one of these; absent when a missing field can match too. */
  readonly witnesses?: readonly Witness[];
  /** Set when it matches exactly the values of this folded text. */
  readonly exact?: string;
  /** Whether one value that is not null satisfies it. */
  matches(value: FieldValue, view: EventView): boolean;
  /** The verdict over the whole field, where that is not "any of its values". */
  holds?(field: FieldValues): boolean;
}

export function patternTest(pattern: Pattern, cased: boolean, operator: string, expected: JsonValue): ValueTest {
  const compiled = compilePattern(pattern, cased);
  return {
    operator, expected, cost: costOf(compiled), witnesses: [patternWitness(pattern, compiled, cased)],
    ...(compiled.shape.kind === 'exact' && !cased && { exact: compiled.shape.text }),
    matches: cased ? (value) => compiled.test(value.text) : (value) => compiled.test(value.folded),
  };
}

function costOf({ shape }: CompiledPattern): number {
  if (shape.kind === 'exact' || shape.kind === 'anything') return 1;
  return shape.kind === 'general' ? 6 : shape.kind === 'contains' ? 3 : 2;
}

function patternWitness(pattern: Pattern, compiled: CompiledPattern, cased: boolean): Witness {
  const { shape, literal } = cased ? compilePattern(pattern, false) : compiled;
  if (shape.kind === 'exact') return { kind: 'equals', text: shape.text };
  return literal === '' ? PRESENT : { kind: 'substring', text: literal };
}

/** A YAML number: equal as text or as number, so that 4625 meets "4625", 4625.0 and 4625. */
export function numberTest(number: number, source: Pattern, expected: JsonValue): ValueTest {
  const text = compilePattern(source, false);
  const exact = Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
  return {
    operator: 'equals', expected, cost: 1,
    witnesses: [text.shape.kind === 'exact' ? { kind: 'number', number, text: text.shape.text } : PRESENT],
    matches: (value) => text.test(value.folded) || (exact && value.number === number),
  };
}

export function nullTest(): ValueTest {
  return {
    operator: 'is null', expected: null, cost: 1,
    matches: () => false,
    holds: (field) => !field.exists || field.hasNull,
  };
}

export function existsTest(expected: boolean): ValueTest {
  return {
    operator: 'exists', expected, cost: 1, ...(expected && { witnesses: [PRESENT] }),
    matches: () => expected,
    holds: (field) => field.exists === expected,
  };
}

export function regexTest(regex: LinearRegex, expected: string): ValueTest {
  const { literal } = regex;
  return {
    operator: 'matches', expected, cost: 100,
    witnesses: [literal === '' ? PRESENT : { kind: 'substring', text: literal }],
    matches: (value) => (literal === '' || value.folded.includes(literal)) && regex.test(value.text),
  };
}

/** A network in CIDR form; undefined when the text is none or has bits behind its prefix. */
export function cidrTest(network: string): ValueTest | undefined {
  const [address = '', length, ...rest] = network.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (version === 0 || rest.length > 0 || !(prefix <= bits) || address.includes('%')) return undefined;
  const base = ipaddr.parse(address);
  const bytes = base.toByteArray();
  const hostBits = bytes.some((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, prefix - i * 8)))) !== 0);
  if (hostBits) return undefined;
  return {
    operator: 'in network', expected: network, cost: 20, witnesses: [PRESENT],
    matches: (value) => {
      const text = value.text.trim();
      if (isIP(text) === 0) return false;
      const parsed = ipaddr.parse(text);
      if (parsed.kind() === base.kind()) return parsed.match(base, prefix);
      // ::ffff:192.0.2.1 is the IPv4 address to everyone who writes rules
      return base.kind() === 'ipv4' && parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && parsed.toIPv4Address().match(base, prefix);
    },
  };
}

export function comparisonTest(comparison: Comparison | undefined, part: TimePart | undefined, limit: number): ValueTest {
  const compare = comparison === undefined ? (value: number) => value === limit : COMPARE[comparison](limit);
  return {
    operator: [part, comparison ?? 'equals'].filter((word) => word !== undefined).join(' '), expected: limit, cost: part === undefined ? 4 : 12,
    witnesses: [PRESENT],
    matches: (value) => {
      const number = part === undefined ? value.number : timePart(value.raw, part);
      return number !== undefined && compare(number);
    },
  };
}

const COMPARE: Readonly<Record<Comparison, (limit: number) => (value: number) => boolean>> = {
  gt: (limit) => (value) => value > limit,
  gte: (limit) => (value) => value >= limit,
  lt: (limit) => (value) => value < limit,
  lte: (limit) => (value) => value <= limit,
};

/** Compares with another field of the same event; a field that is missing or null does not match. */
export function fieldReferenceTest(other: string, cased: boolean, position: Position | undefined): ValueTest {
  const compare = position === undefined ? (left: string, right: string) => left === right
    : position === 'contains' ? (left: string, right: string) => left.includes(right)
      : position === 'startswith' ? (left: string, right: string) => left.startsWith(right)
        : (left: string, right: string) => left.endsWith(right);
  return {
    operator: position === undefined ? 'equals field' : `${position} field`, expected: other, cost: 5, witnesses: [PRESENT],
    matches: (value, view) => view.named(other).values.some((reference) => (cased
      ? compare(value.text, reference.text) : compare(value.folded, reference.folded))),
  };
}

/** Holds when one of the tests holds: the forms that one written value stands for. */
export function anyOf(tests: readonly ValueTest[], operator: string, expected: JsonValue): ValueTest {
  const witnesses = tests.flatMap((test) => test.witnesses ?? []);
  return {
    operator, expected, cost: tests.reduce((sum, { cost }) => sum + cost, 0),
    ...(tests.every((test) => test.witnesses !== undefined) && { witnesses }),
    matches: (value, view) => tests.some((test) => test.matches(value, view)),
  };
}
