import { fold } from './fold.js';

/** A Sigma string after its escapes were read: `any` is `*`, `one` is `?`, `dash` is any character of {@link DASHES}. */
export type PatternPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' | 'one' | 'dash' };

export type Pattern = readonly PatternPart[];

/** What introduces an option on a Windows command line: hyphen, slash, en dash, em dash, horizontal bar. */
export const DASHES = '-/\u2013\u2014\u2015';

const ANY: PatternPart = { kind: 'any' };
const ONE: PatternPart = { kind: 'one' };
const DASH: PatternPart = { kind: 'dash' };

/**
 * Reads wildcards and escapes: `*` and `?` are wildcards; a backslash takes the meaning from `*`, `?` and `\` behind it
 * and is itself before anything else and at the end.
 */
export function parsePattern(source: string): Pattern {
  const parts: PatternPart[] = [];
  let text = '';
  const special = (part: PatternPart): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
    parts.push(part);
  };
  for (let i = 0; i < source.length; i++) {
    const character = source.charAt(i);
    const next = source.charAt(i + 1);
    if (character === '\\' && next !== '' && '*?\\'.includes(next)) {
      text += next;
      i++;
    } else if (character === '*') special(ANY);
    else if (character === '?') special(ONE);
    else text += character;
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return parts;
}

/** The pattern as Sigma source that {@link parsePattern} reads back; dashes are written as hyphens. */
export function printPattern(pattern: Pattern): string {
  return pattern.map((part) => {
    if (part.kind === 'text') return part.text.replace(/[\\*?]/g, '\\$&');
    return part.kind === 'any' ? '*' : part.kind === 'one' ? '?' : '-';
  }).join('');
}

/** The text of a pattern without wildcards and dashes; undefined when it has some. */
export function plainText(pattern: Pattern): string | undefined {
  if (pattern.some(({ kind }) => kind !== 'text')) return undefined;
  return pattern.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

/** The pattern with `*` in front and behind as a position modifier asks, unless one is there already. */
export function positioned(pattern: Pattern, position: 'contains' | 'startswith' | 'endswith' | undefined): Pattern {
  const front = (position === 'contains' || position === 'endswith') && pattern[0]?.kind !== 'any';
  const behind = (position === 'contains' || position === 'startswith') && pattern.at(-1)?.kind !== 'any';
  const result = [...(front ? [ANY] : []), ...pattern];
  return behind && result.at(-1)?.kind !== 'any' ? [...result, ANY] : result;
}

/** Makes each dash that introduces an option stand for all of {@link DASHES}: behind a non-word character, before a word character. */
export function withDashes(pattern: Pattern): Pattern {
  return pattern.flatMap((part): Pattern => {
    if (part.kind !== 'text') return [part];
    return part.text.split(/(?<!\w)([-/\u2013\u2014\u2015])(?=\w)/u).flatMap((text, i): Pattern => {
      if (i % 2 === 1) return [DASH];
      return text === '' ? [] : [{ kind: 'text', text }];
    });
  });
}

/** What can be said of every text that a pattern matches, in folded form; used to leave out rules that cannot match. */
export type PatternShape =
  | { readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains'; readonly text: string }
  | { readonly kind: 'anything' | 'general' };

export interface CompiledPattern {
  readonly shape: PatternShape;
  /** Longest text that stands in every match, folded unless the pattern is cased; empty when there is none. */
  readonly literal: string;
  /** Takes the text as it is for a cased pattern, else its folded form. */
  readonly test: (text: string) => boolean;
}

/** Compiles a pattern that is matched against whole values. */
export function compilePattern(source: Pattern, cased: boolean): CompiledPattern {
  const pattern = source.map((part) => (part.kind === 'text' && !cased ? { kind: part.kind, text: fold(part.text) } : part));
  const literal = pattern.reduce((longest, part) => (part.kind === 'text' && part.text.length > longest.length ? part.text : longest), '');
  const plain = plainText(pattern);
  if (plain !== undefined) return { shape: { kind: 'exact', text: plain }, literal, test: (text) => text === plain };
  const shape = shapeOf(pattern);
  switch (shape.kind) {
    case 'anything': return { shape, literal, test: () => true };
    case 'prefix': return { shape, literal, test: (text) => text.startsWith(shape.text) };
    case 'suffix': return { shape, literal, test: (text) => text.endsWith(shape.text) };
    case 'contains': return { shape, literal, test: (text) => text.includes(shape.text) };
    default: return { shape, literal, test: globTest(pattern) };
  }
}

function shapeOf(pattern: Pattern): PatternShape {
  const front = pattern[0]?.kind === 'any';
  const behind = pattern.at(-1)?.kind === 'any';
  const text = plainText(pattern.slice(front ? 1 : 0, behind && pattern.length > 1 ? -1 : undefined));
  if (text === undefined) return { kind: 'general' };
  if (text === '') return { kind: 'anything' };
  return { kind: front ? (behind ? 'contains' : 'suffix') : 'prefix', text };
}

/**
 * Pieces between `*` are of a fixed number of characters, so taking each at its leftmost place is enough: the first is
 * bound to the start, the last to the end. Time is at most the product of both lengths, without backtracking.
 */
function globTest(pattern: Pattern): (text: string) => boolean {
  const pieces: Pattern[] = [[]];
  for (const part of pattern) {
    if (part.kind === 'any') pieces.push([]);
    else pieces.push([...(pieces.pop() ?? []), part]);
  }
  const first = pieces[0] ?? [];
  if (pieces.length === 1) return (text) => matchFrom(text, 0, first) === text.length;
  const last = pieces.at(-1) ?? [];
  const middle = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  return (text) => {
    let position = matchFrom(text, 0, first);
    if (position < 0) return false;
    for (const piece of middle) {
      position = findFrom(text, position, piece);
      if (position < 0) return false;
    }
    return matchBackFrom(text, text.length, last) >= position;
  };
}

/** Where `piece`, begun at `start`, ends; -1 when it does not match there. */
function matchFrom(text: string, start: number, piece: Pattern): number {
  let position = start;
  for (const part of piece) {
    if (part.kind === 'text') {
      if (!text.startsWith(part.text, position)) return -1;
      position += part.text.length;
    } else {
      if (position >= text.length || (part.kind === 'dash' && !DASHES.includes(text.charAt(position)))) return -1;
      position += isPair(text, position) ? 2 : 1;
    }
  }
  return position;
}

/** Where `piece`, ended at `end`, begins; -1 when it does not match there. */
function matchBackFrom(text: string, end: number, piece: Pattern): number {
  let position = end;
  for (let i = piece.length - 1; i >= 0; i--) {
    const part = piece[i];
    if (part?.kind === 'text') {
      position -= part.text.length;
      if (position < 0 || !text.startsWith(part.text, position)) return -1;
    } else {
      if (position <= 0 || (part?.kind === 'dash' && !DASHES.includes(text.charAt(position - 1)))) return -1;
      position -= position >= 2 && isPair(text, position - 2) ? 2 : 1;
    }
  }
  return position;
}

function findFrom(text: string, start: number, piece: Pattern): number {
  const head = piece[0];
  for (let position = start; position <= text.length; position += isPair(text, position) ? 2 : 1) {
    if (head?.kind === 'text') position = text.indexOf(head.text, position);
    if (position < 0) return -1;
    const end = matchFrom(text, position, piece);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether one character of two UTF-16 units begins at `position`: a wildcard counts characters. */
function isPair(text: string, position: number): boolean {
  return (text.codePointAt(position) ?? 0) > 0xffff;
}
