import { isJsonObject, type JsonValue } from '../../kernel/index.js';

/** Shown in place of a value that may be a secret. */
export const REDACTED = '[redacted]';

const SECRET = /pass(word|wd|phrase|code)?s?$|secret|credential|authorization|cookie|private_?key|api_?key|tokens?$/i;
const MAX_TEXT = 2_000;

/** The value without what its names call a secret. */
export function withoutSecrets<T extends JsonValue>(value: T): T;
export function withoutSecrets(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, SECRET.test(name) && member !== null ? REDACTED : withoutSecrets(member)]));
}

/** As {@link withoutSecrets}, with long texts cut: what is stored with an approval and shown to people. */
export const redact = (value: JsonValue): JsonValue => cut(withoutSecrets(value));

function cut(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  if (Array.isArray(value)) return value.map(cut);
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cut(member)])) : value;
}
