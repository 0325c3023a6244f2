import { isJsonObject, type JsonValue } from '../../kernel/index.js';

/** Shown in place of a value that may be a secret. */
export const REDACTED = '[redacted]';

const SECRET = /pass(word|wd|phrase)?$|secret|credential|authorization|cookie|private_?key|api_?key|^(access|refresh|id|bearer|session)_?token$|^token$/i;
const MAX_TEXT = 2_000;

/** The value without what its names call a secret, and with long texts cut: what is stored with an approval and shown to people. */
export function redact(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  if (Array.isArray(value)) return value.map(redact);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, SECRET.test(name) && member !== null ? REDACTED : redact(member)]));
}
