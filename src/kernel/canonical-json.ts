import module from 'canonicalize';
import type { JsonValue } from './json.js';

// The package's types describe an ES module, but what Node imports of it is the function itself.
const canonicalize = module as unknown as (value: JsonValue) => string;

/** RFC 8785 JSON: equal values give equal text, to be hashed or signed. */
export function canonicalJson(value: JsonValue): string {
  return canonicalize(value);
}
