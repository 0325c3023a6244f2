import type { Budget } from './budget.js';
import type { BinaryOperator } from './cel-node.js';
import { CelFailure } from './cel-failure.js';
import { durationOf, timestampOf } from './cel-functions.js';
import { Duration, equals, finite, isMap, isNumber, kindOf, safe, Timestamp, type CelValue, type Kind } from './cel-value.js';

/** @throws CelFailure where the operator is not defined for the two values */
export function applyBinary(operator: BinaryOperator, a: CelValue, b: CelValue, budget: Budget): CelValue {
  switch (operator) {
    case '==':
      return equals(a, b, budget);
    case '!=':
      return !equals(a, b, budget);
    case 'in':
      return contains(a, b, budget);
    case '<':
      return compare(operator, a, b, budget) < 0;
    case '<=':
      return compare(operator, a, b, budget) <= 0;
    case '>':
      return compare(operator, a, b, budget) > 0;
    case '>=':
      return compare(operator, a, b, budget) >= 0;
    default:
      return arithmetic(operator, a, b, budget);
  }
}

type Arithmetic = Exclude<BinaryOperator, '==' | '!=' | 'in' | '<' | '<=' | '>' | '>='>;

function arithmetic(operator: Arithmetic, a: CelValue, b: CelValue, budget: Budget): CelValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return integers(operator, a, b);
  if (isNumber(a) && isNumber(b)) return numbers(operator, Number(a), Number(b));
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') {
      budget.spendText(a.length + b.length);
      return a + b;
    }
    if (Array.isArray(a) && Array.isArray(b)) {
      budget.spend(a.length + b.length);
      return [...a, ...b];
    }
    if (a instanceof Duration && b instanceof Duration) return durationOf(a.ms + b.ms);
    if (a instanceof Timestamp && b instanceof Duration) return timestampOf(a.ms + b.ms);
    if (a instanceof Duration && b instanceof Timestamp) return timestampOf(a.ms + b.ms);
  } else if (operator === '-') {
    if (a instanceof Timestamp && b instanceof Timestamp) return durationOf(a.ms - b.ms);
    if (a instanceof Timestamp && b instanceof Duration) return timestampOf(a.ms - b.ms);
    if (a instanceof Duration && b instanceof Duration) return durationOf(a.ms - b.ms);
  }
  throw undefinedFor(operator, a, b);
}

/** Two integers that the expression itself made: division cuts, as in CEL. */
function integers(operator: Arithmetic, a: bigint, b: bigint): bigint {
  if ((operator === '/' || operator === '%') && b === 0n) throw new CelFailure('division by zero');
  if (operator === '+') return safe(a + b);
  if (operator === '-') return safe(a - b);
  if (operator === '*') return safe(a * b);
  return operator === '/' ? a / b : a % b;
}

/** At least one number of JSON: division keeps the fraction. */
function numbers(operator: Arithmetic, a: number, b: number): number {
  if (operator === '+') return finite(a + b);
  if (operator === '-') return finite(a - b);
  if (operator === '*') return finite(a * b);
  if (b === 0) throw new CelFailure('division by zero');
  if (operator === '/') return finite(a / b);
  if (!Number.isInteger(a) || !Number.isInteger(b)) throw new CelFailure('% needs integers');
  return finite(a % b);
}

function compare(operator: BinaryOperator, a: CelValue, b: CelValue, budget: Budget): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : Number(a > b);
  if (typeof a === 'string' && typeof b === 'string') {
    budget.spendText(Math.min(a.length, b.length));
    return compareText(a, b);
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.ms - b.ms;
  throw undefinedFor(operator, a, b);
}

/** By code point, as CEL orders texts; JavaScript orders by UTF-16 unit. */
function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const left = a.codePointAt(i) ?? 0;
    const right = b.codePointAt(i) ?? 0;
    if (left !== right) return left - right;
    i += left > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

function contains(item: CelValue, whole: CelValue, budget: Budget): boolean {
  if (Array.isArray(whole)) return whole.some((member) => equals(item, member, budget));
  if (isMap(whole) && typeof item === 'string') return Object.hasOwn(whole, item);
  throw undefinedFor('in', item, whole);
}

function undefinedFor(operator: string, a: CelValue, b: CelValue): CelFailure {
  return new CelFailure(`${operator} is not defined for ${kindOf(a)} and ${kindOf(b)}`);
}

const ORDERED: readonly Kind[] = ['string', 'bool', 'timestamp', 'duration'];
const SUMS: readonly (readonly [Arithmetic, Kind, Kind, Kind])[] = [
  ['+', 'string', 'string', 'string'],
  ['+', 'list', 'list', 'list'],
  ['+', 'duration', 'duration', 'duration'],
  ['+', 'timestamp', 'duration', 'timestamp'],
  ['+', 'duration', 'timestamp', 'timestamp'],
  ['-', 'timestamp', 'timestamp', 'duration'],
  ['-', 'timestamp', 'duration', 'timestamp'],
  ['-', 'duration', 'duration', 'duration'],
];

/** The kind that an operator gives for two kinds, undefined where it is not defined for them. */
export function resultKind(operator: BinaryOperator, a: Kind, b: Kind): Kind | undefined {
  const numeric = (kind: Kind): boolean => kind === 'int' || kind === 'double';
  if (operator === '==' || operator === '!=') return 'bool';
  if (operator === 'in') return b === 'list' || (b === 'map' && a === 'string') ? 'bool' : undefined;
  if (operator.startsWith('<') || operator.startsWith('>')) return (numeric(a) && numeric(b)) || (a === b && ORDERED.includes(a)) ? 'bool' : undefined;
  if (numeric(a) && numeric(b)) return a === 'int' && b === 'int' ? 'int' : 'double';
  return SUMS.find(([sum, left, right]) => sum === operator && left === a && right === b)?.[3];
}
