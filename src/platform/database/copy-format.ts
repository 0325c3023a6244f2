import type { JsonValue } from '../../kernel/index.js';

/**
 * A value for {@link encodeRow}. An array becomes a PostgreSQL array; an object becomes JSON. A JSON array or scalar for
 * a jsonb column is passed through {@link toJson} first.
 */
export type CopyValue = string | number | bigint | boolean | null | undefined | Date | Buffer | readonly (string | number | null)[] | { readonly [key: string]: JsonValue };

/**
 * JSON text that PostgreSQL accepts as jsonb. U+0000 and lone surrogates, which JSON may hold and jsonb refuses, become
 * U+FFFD: one such string in a sensor's record must not stop the batch that it is in.
 */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\u')) return json;
  // Escapes are read in pairs, so that an escaped backslash before `u0000` is left alone. JSON.stringify escapes a
  // surrogate only when it is alone.
  return json.replace(/\\(u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape, name: string) => (name.length === 5 ? '\\ufffd' : escape));
}

const SPECIAL = /[\\\n\r\t\0]/;

function escapeText(text: string): string {
  if (!SPECIAL.test(text)) return text;
  return text.replace(/[\\\n\r\t\0]/g, (character) => {
    switch (character) {
      case '\n':
        return '\\n';
      case '\r':
        return '\\r';
      case '\t':
        return '\\t';
      case '\0':
        return '\ufffd';
      default:
        return '\\\\';
    }
  });
}

function arrayLiteral(items: readonly (string | number | null)[]): string {
  const parts = items.map((item) => {
    if (item === null) return 'NULL';
    return typeof item === 'number' ? String(item) : `"${item.replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${parts.join(',')}}`;
}

function encodeValue(value: CopyValue): string {
  switch (typeof value) {
    case 'string':
      return escapeText(value);
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return '\\N';
    default:
      if (value === null) return '\\N';
      if (value instanceof Date) return value.toISOString();
      if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
      if (Array.isArray(value)) return escapeText(arrayLiteral(value as readonly (string | number | null)[]));
      return escapeText(toJson(value));
  }
}

/** One line of COPY's text format (PostgreSQL manual, COPY, "Text Format"), newline included. */
export function encodeRow(row: readonly CopyValue[]): string {
  return `${row.map(encodeValue).join('\t')}\n`;
}
