import { RE2JS, RE2JSException } from 're2js';
import { fold } from './fold.js';
import type { RegexFlag } from './modifier-chain.js';

export interface LinearRegex {
  /** Folded ASCII text that stands in every match; empty when none is known. A cheap test before the expression itself. */
  readonly literal: string;
  /** Whether the expression is found anywhere in the text. */
  test(text: string): boolean;
}

/**
 * Compiles a regular expression of a rule. Rules are input that may be hostile, so it runs on RE2, whose time is linear
 * in the text; what RE2 lacks (look-around, back-references) is refused.
 * @throws {RangeError} with the reason, when RE2 does not take the expression
 */
export function compileRegex(source: string, flags: ReadonlySet<RegexFlag>): LinearRegex {
  const bits = (flags.has('i') ? RE2JS.CASE_INSENSITIVE : 0) | (flags.has('m') ? RE2JS.MULTILINE : 0) | (flags.has('s') ? RE2JS.DOTALL : 0);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, bits);
  } catch (error) {
    if (error instanceof RE2JSException) throw new RangeError(reasonOf(source, error.message), { cause: error });
    throw error;
  }
  return { literal: requiredLiteral(source), test: (text) => compiled.test(text) };
}

function reasonOf(source: string, message: string): string {
  if (/\(\?(?:[=!]|<[=!])/.test(source)) return 'look-around is not supported, because it cannot be matched in linear time';
  if (/\\[1-9]/.test(source)) return 'back-references are not supported, because they cannot be matched in linear time';
  if (/\(\?>|[*+?}]\+/.test(source)) return 'atomic groups and possessive quantifiers are not supported; plain ones already run in linear time';
  return message;
}

/**
 * The longest run of plain ASCII characters outside of groups, classes and optional parts. It gives up (empty) on
 * anything it does not know for sure, such as an alternation at the top or a quoted part.
 */
export function requiredLiteral(source: string): string {
  const body = source.replace(/^\(\?[ims]+\)/, '');
  let longest = '';
  let run = '';
  const close = (): void => {
    if (run.length > longest.length) longest = run;
    run = '';
  };
  for (let i = 0; i < body.length; i++) {
    const character = body.charAt(i);
    if (character === '|' || character === ')') return '';
    if (character === '(' || character === '[') {
      close();
      const end = character === '(' ? groupEnd(body, i) : classEnd(body, i);
      if (end === undefined) return '';
      i = end;
    } else if (character === '\\') {
      const next = body.charAt(++i);
      if (/[QEpPxuk0-9]/.test(next)) return '';
      if (/\w/.test(next)) close();
      else run += next;
    } else if ('?*{+'.includes(character)) {
      if (character !== '+') run = run.slice(0, -1);
      close();
      if (character === '{') i = Math.max(i, body.indexOf('}', i));
    } else if ('.^$'.includes(character)) close();
    else run += character;
  }
  close();
  // ASCII only: for other characters RE2 may fold in another way than we do
  return /^[\x20-\x7e]*$/.test(longest) ? fold(longest) : '';
}

function groupEnd(body: string, start: number): number | undefined {
  if (/^\(\?[a-z-]*[a-z-]\)/i.test(body.slice(start))) return undefined;
  let depth = 0;
  for (let i = start; i < body.length; i++) {
    const character = body.charAt(i);
    if (character === '\\') {
      if (body.charAt(i + 1) === 'Q') return undefined;
      i++;
    } else if (character === '[') i = classEnd(body, i) ?? body.length;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i;
  }
  return undefined;
}

function classEnd(body: string, start: number): number | undefined {
  let i = start + 1;
  if (body.charAt(i) === '^') i++;
  if (body.charAt(i) === ']') i++;
  for (; i < body.length; i++) {
    const character = body.charAt(i);
    if (character === '\\') i++;
    else if (character === '[' && body.charAt(i + 1) === ':') {
      const end = body.indexOf(':]', i + 2);
      if (end >= 0) i = end + 1;
    } else if (character === ']') return i;
  }
  return undefined;
}
