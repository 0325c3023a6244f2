import type { JsonObject, JsonValue } from '../../kernel/index.js';

/** Levels of nesting that a document keeps; what lies deeper stays in `event.original` alone. */
export const MAX_DEPTH = 32;

// Neither PostgreSQL's jsonb nor Elasticsearch takes NUL or a lone surrogate in a string.
const NUL = '\u0000';
const SURROGATE = /[\ud800-\udfff]/;

/** The text with NUL characters and lone surrogates replaced by U+FFFD. */
export function storableText(text: string): string {
  const withoutNul = text.includes(NUL) ? text.replaceAll(NUL, '\ufffd') : text;
  return SURROGATE.test(withoutNul) ? Buffer.from(withoutNul, 'utf8').toString('utf8') : withoutNul;
}

// As own keys of parsed JSON these are harmless; a later naive merge of the document would still take them for the real thing.
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A copy that is safe to store: storable text, finite numbers, no null, no empty string, array or object, no key that
 * names a prototype, at most {@link MAX_DEPTH} levels (`onTooDeep` is told once for each cut). Undefined when nothing is left.
 */
export function cleanJson(value: unknown, onTooDeep?: () => void, depth = 0): JsonValue | undefined {
  switch (typeof value) {
    case 'string':
      return value === '' ? undefined : storableText(value);
    case 'number':
      return Number.isFinite(value) ? value : undefined;
    case 'boolean':
      return value;
    case 'object':
      break;
    default:
      return undefined;
  }
  if (value === null) return undefined;
  if (depth >= MAX_DEPTH) {
    onTooDeep?.();
    return undefined;
  }
  if (Array.isArray(value)) {
    const kept: JsonValue[] = [];
    for (const item of value) {
      const clean = cleanJson(item, onTooDeep, depth + 1);
      if (clean !== undefined) kept.push(clean);
    }
    return kept.length > 0 ? kept : undefined;
  }
  const source = value as Record<string, unknown>;
  const copy: JsonObject = {};
  let empty = true;
  for (const key of Object.keys(source)) {
    if (key === '' || FORBIDDEN_KEYS.has(key)) continue;
    const clean = cleanJson(source[key], onTooDeep, depth + 1);
    if (clean === undefined) continue;
    copy[storableText(key)] = clean;
    empty = false;
  }
  return empty ? undefined : copy;
}
