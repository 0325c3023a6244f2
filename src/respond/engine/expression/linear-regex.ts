import { RE2JS, RE2JSException } from 're2js';
import { CelFailure } from './cel-failure.js';

/** Characters of one pattern. */
const MAX_PATTERN = 1_000;

/**
 * Compiles a pattern of `matches()` for RE2, whose time is linear in the text.
 * @throws CelFailure where RE2 does not take it
 */
export function compileLinearRegex(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN) throw new CelFailure(`the regular expression has ${pattern.length} characters; the limit is ${MAX_PATTERN}`);
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new CelFailure(`the regular expression is not one of RE2 (no look-around, no back-references): ${error.message}`);
    throw error;
  }
}
