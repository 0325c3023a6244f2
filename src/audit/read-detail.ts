import type { JsonValue } from '../kernel/index.js';

const DEEPEST = 64;
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}]|-?\d[\d.]*/g;
/** No value of jsonb has this character, so no other value is written like this. */
const AS_TEXT = '\0';

/**
 * A detail as it enters the hash, from PostgreSQL's text of the jsonb value. Numbers become doubles there, as RFC 8785 has
 * them; where one would not come back digit by digit, or nesting is too deep for a parser, the whole text stands for the
 * value, marked by U+0000. So two values that the database tells apart never have the same hash.
 */
export function readDetail(text: string): JsonValue {
  return isExact(text) ? (JSON.parse(text) as JsonValue) : AS_TEXT + text;
}

function isExact(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      if (++depth > DEEPEST) return false;
    } else if (token === '}' || token === ']') depth--;
    else if (!token.startsWith('"') && plainDecimal(Number(token)) !== token) return false;
  }
  return true;
}

/** A double without an exponent, as PostgreSQL prints the numeric that its JSON text is read as. */
function plainDecimal(value: number): string {
  const [mantissa = '', exponent] = String(value).split('e');
  if (exponent === undefined) return mantissa;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`;
  return sign + whole + fraction.padEnd(shift, '0');
}
