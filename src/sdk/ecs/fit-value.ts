import { parseIp } from '../mapping/address.js';
import { cleanJson, storableText } from '../mapping/clean-json.js';
import { parseTime } from '../mapping/parse-time.js';
import type { FieldSpec } from './ecs-fields.js';

/** Says that a value has no form that its field's type takes. */
export const MISFIT = Symbol('misfit');

type Fit = (value: unknown, reference?: Date) => unknown;

const keyword: Fit = (value) => {
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  return MISFIT;
};

const INTEGER_TEXT = /^[+-]?\d{1,19}$/;
const LONG_LIMIT = 2 ** 63;

const long: Fit = (value) => {
  const number = typeof value === 'string' && INTEGER_TEXT.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) < LONG_LIMIT ? number + 0 : MISFIT;
};

const INTEGER_LIMIT = 2 ** 31;
const integer: Fit = (value) => {
  const number = long(value);
  return typeof number === 'number' && Math.abs(number) < INTEGER_LIMIT ? number : MISFIT;
};

const NUMBER_TEXT = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;

const float: Fit = (value) => {
  const number = typeof value === 'string' && NUMBER_TEXT.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : MISFIT;
};

const WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, false: false, no: false };

const boolean: Fit = (value) => {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return Object.hasOwn(WORDS, word) ? WORDS[word] : MISFIT;
};

// the form that we write and many sensors send: nothing to convert, only to check
const OWN_FORM = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:[0-5]\d\.\d{3}Z$/;

const date: Fit = (value, reference) => {
  if (typeof value === 'string' && value >= '1970-01-02' && OWN_FORM.test(value) && !Number.isNaN(Date.parse(value))) return value;
  const time = value instanceof Date ? value : parseTime(value, reference ? { reference } : {});
  return time?.toISOString() ?? MISFIT;
};

const ip: Fit = (value) => (typeof value === 'string' ? (parseIp(value.trim()) ?? MISFIT) : MISFIT);

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const object: Fit = (value) => (isPlainObject(value) ? (cleanJson(value) ?? MISFIT) : MISFIT);

const geoPoint: Fit = (value) => {
  if (!isPlainObject(value)) return MISFIT;
  const lat = float(value['lat']);
  const lon = float(value['lon']);
  const valid = typeof lat === 'number' && typeof lon === 'number' && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return valid ? { lat, lon } : MISFIT;
};

const FITS: Readonly<Record<string, Fit>> = {
  keyword, constant_keyword: keyword, wildcard: keyword, match_only_text: keyword, text: keyword,
  long, integer, float, double: float, scaled_float: float, boolean, date, ip, object, nested: object, flattened: object, geo_point: geoPoint,
};

/**
 * One value in the form that the field's ECS type asks for, or {@link MISFIT}. A number written as text becomes a number and
 * the other way round, a time in any known form becomes ISO 8601 in UTC, an address loses its port.
 */
export function fitValue(spec: FieldSpec, value: unknown, reference?: Date): unknown {
  const fitted = (FITS[spec.type] ?? keyword)(value, reference);
  return spec.allowed && !spec.allowed.has(fitted as string) ? MISFIT : fitted;
}
