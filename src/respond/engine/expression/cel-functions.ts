import ipaddr from 'ipaddr.js';
import { parseDuration } from '../duration.js';
import type { Budget } from './budget.js';
import { CelFailure } from './cel-failure.js';
import { Duration, isMap, isNumber, kindOf, safe, Timestamp, TypeName, type CelValue, type Kind } from './cel-value.js';
import { compileLinearRegex } from './linear-regex.js';
import { timeParts, type TimePart } from './time-parts.js';

/** One form of a function: the kinds it takes (a method's receiver first) and the kind it gives. */
export interface Overload {
  readonly method: boolean;
  readonly takes: readonly (readonly Kind[] | 'any')[];
  readonly gives: Kind | 'any';
  call(args: readonly CelValue[], budget: Budget): CelValue;
}

const NUMBER: readonly Kind[] = ['int', 'double'];
const STRING: readonly Kind[] = ['string'];
const TIMESTAMP: readonly Kind[] = ['timestamp'];
const DURATION: readonly Kind[] = ['duration'];

const table = new Map<string, Overload[]>();

function define(name: string, takes: Overload['takes'], gives: Overload['gives'], call: Overload['call'], method = false): void {
  table.set(name, [...(table.get(name) ?? []), { method, takes, gives, call }]);
}

function defineMethod(name: string, takes: Overload['takes'], gives: Overload['gives'], call: Overload['call']): void {
  define(name, takes, gives, call, true);
}

const text = (value: CelValue | undefined): string => (typeof value === 'string' ? value : '');
const ms = (value: CelValue | undefined): number => (value instanceof Timestamp || value instanceof Duration ? value.ms : 0);

/** @throws CelFailure for an instant outside of the years 0001 to 9999 */
export function timestampOf(time: number): Timestamp {
  if (!(time >= -62_135_596_800_000 && time <= 253_402_300_799_999)) throw new CelFailure('the timestamp is outside of the years 1 to 9999');
  return new Timestamp(Math.trunc(time));
}

function sizeOf(value: CelValue | undefined, budget: Budget): bigint {
  if (typeof value === 'string') {
    budget.spendText(value.length);
    return BigInt([...value].length);
  }
  if (Array.isArray(value)) return BigInt(value.length);
  return BigInt(value !== undefined && isMap(value) ? Object.keys(value).length : 0);
}

function readTimestamp(source: string): Timestamp {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i.test(source)) throw new CelFailure(`timestamp() needs RFC 3339 text such as 2026-01-31T12:00:00Z, not '${source.slice(0, 50)}'`);
  return timestampOf(Date.parse(source));
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** ISO 8601 as elsewhere in the format, or the form of CEL: `1h30m`, `-90s`. */
function readDuration(source: string): Duration {
  const iso = parseDuration(source);
  if (iso !== undefined) return new Duration(iso);
  const match = /^([+-]?)((?:\d{1,12}(?:\.\d{1,9})?(?:h|ms|m|s))+)$/.exec(source);
  if (!match) throw new CelFailure(`duration() needs an ISO 8601 duration such as PT30M or a text such as 1h30m, not '${source.slice(0, 50)}'`);
  let total = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(/([\d.]+)(h|ms|m|s)/g)) total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return durationOf(match[1] === '-' ? -total : total);
}

/** @throws CelFailure beyond ten thousand years, as in CEL */
export function durationOf(length: number): Duration {
  if (!(Math.abs(length) <= 315_576_000_000_000)) throw new CelFailure('the duration is longer than 10000 years');
  return new Duration(Math.trunc(length));
}

function inNetwork(address: string, network: string): boolean {
  if (!ipaddr.isValidCIDR(network)) throw new CelFailure(`cidr() needs a network such as 192.0.2.0/24 as second argument, not '${network.slice(0, 50)}'`);
  if (!ipaddr.isValid(address)) throw new CelFailure(`cidr() needs an address as first argument, not '${address.slice(0, 50)}'`);
  const [base, bits] = ipaddr.parseCIDR(network);
  const ip = base.kind() === 'ipv4' ? ipaddr.process(address) : ipaddr.parse(address);
  return ip.kind() === base.kind() && ip.match(base, bits);
}

function matches(subject: string, pattern: string, budget: Budget): boolean {
  // RE2 walks every state of the pattern for each character.
  budget.spend(pattern.length + Math.ceil((subject.length * Math.max(1, pattern.length)) / 64));
  return compileLinearRegex(pattern).test(subject);
}

function toInt(value: CelValue | undefined): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CelFailure('int() needs a finite number');
    return safe(BigInt(Math.trunc(value)));
  }
  if (value instanceof Timestamp) return BigInt(Math.floor(value.ms / 1000));
  if (typeof value !== 'string' || !/^[+-]?\d{1,17}$/.test(value)) throw new CelFailure('int() needs a number or a text of digits');
  return safe(BigInt(value.replace(/^\+/, '')));
}

function toDouble(value: CelValue | undefined): number {
  if (typeof value === 'string' && !/^[+-]?(?:\d{1,50}(?:\.\d{0,50})?|\.\d{1,50})(?:e[+-]?\d{1,4})?$/i.test(value)) throw new CelFailure('double() needs a number or a text that is one');
  return Number(value);
}

function toBool(value: CelValue | undefined): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True' || value === 'TRUE' || value === 't' || value === '1') return true;
  if (value === 'false' || value === 'False' || value === 'FALSE' || value === 'f' || value === '0') return false;
  throw new CelFailure('bool() needs true or false');
}

function toText(value: CelValue | undefined): string {
  if (value instanceof Timestamp) return new Date(value.ms).toISOString();
  if (value instanceof Duration) return `${value.ms / 1000}s`;
  return String(isNumber(value ?? null) ? value : text(value));
}

for (const kinds of [STRING, ['list'], ['map']] as const) {
  define('size', [kinds], 'int', ([value], budget) => sizeOf(value, budget));
  defineMethod('size', [kinds], 'int', ([value], budget) => sizeOf(value, budget));
}
const inText = (test: (subject: string, part: string) => boolean): Overload['call'] => {
  return ([subject, part], budget) => {
    budget.spendText(text(subject).length);
    return test(text(subject), text(part));
  };
};
defineMethod('contains', [STRING, STRING], 'bool', inText((subject, part) => subject.includes(part)));
defineMethod('startsWith', [STRING, STRING], 'bool', inText((subject, part) => subject.startsWith(part)));
defineMethod('endsWith', [STRING, STRING], 'bool', inText((subject, part) => subject.endsWith(part)));
for (const add of [define, defineMethod]) add('matches', [STRING, STRING], 'bool', ([subject, pattern], budget) => matches(text(subject), text(pattern), budget));
define('lower', [STRING], 'string', ([value], budget) => {
  budget.spendText(text(value).length);
  return text(value).toLowerCase();
});
define('cidr', [STRING, STRING], 'bool', ([address, network]) => inNetwork(text(address), text(network)));

define('int', [[...NUMBER, 'string', 'timestamp']], 'int', ([value]) => toInt(value));
define('double', [[...NUMBER, 'string']], 'double', ([value]) => toDouble(value));
define('bool', [['bool', 'string']], 'bool', ([value]) => toBool(value));
define('string', [['bool']], 'string', ([value]) => String(value === true));
define('string', [[...NUMBER, 'string', 'timestamp', 'duration']], 'string', ([value]) => toText(value));
define('dyn', ['any'], 'any', ([value]) => value ?? null);
define('type', ['any'], 'type', ([value]) => new TypeName(kindOf(value ?? null)));
define('timestamp', [STRING], 'timestamp', ([value]) => readTimestamp(text(value)));
define('timestamp', [TIMESTAMP], 'timestamp', ([value]) => value ?? null);
define('timestamp', [NUMBER], 'timestamp', ([value]) => timestampOf(Number(value) * 1000));
define('duration', [STRING], 'duration', ([value]) => readDuration(text(value)));
define('duration', [DURATION], 'duration', ([value]) => value ?? null);

const PARTS: readonly TimePart[] = ['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'];
for (const part of PARTS) {
  defineMethod(part, [TIMESTAMP], 'int', ([at]) => BigInt(timeParts(ms(at), 'UTC')[part]));
  defineMethod(part, [TIMESTAMP, STRING], 'int', ([at, zone], budget) => {
    budget.spend(100);
    return BigInt(timeParts(ms(at), text(zone))[part]);
  });
}
for (const [name, unit] of Object.entries({ getHours: 3_600_000, getMinutes: 60_000, getSeconds: 1_000, getMilliseconds: 1 })) {
  defineMethod(name, [DURATION], 'int', ([length]) => BigInt(Math.trunc(ms(length) / unit)));
}

/** The forms of a function by name; empty where there is none. */
export function overloadsOf(name: string, method: boolean): readonly Overload[] {
  return (table.get(name) ?? []).filter((overload) => overload.method === method);
}

export const FUNCTION_NAMES: readonly string[] = [...table.keys()];
