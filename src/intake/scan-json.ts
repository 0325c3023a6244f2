/** Bytes of JSON's structure (RFC 8259 §2). All are ASCII, so they never occur inside a multi-byte UTF-8 sequence. */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export interface ByteRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

export function isWhitespace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** The range without white space at either end. */
export function trim(bytes: Buffer, { start, end }: ByteRange): ByteRange {
  let from = start;
  let to = end;
  while (from < to && isWhitespace(bytes[from])) from += 1;
  while (to > from && isWhitespace(bytes[to - 1])) to -= 1;
  return { start: from, end: to };
}

/** Index just behind the string that opens at `start`, or `end` where it never closes. */
function skipString(bytes: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at += 1;
  }
  return end;
}

/**
 * Deepest nesting of brackets in the range, without parsing and without recursion; it stops counting above `limit`.
 * Right for any input: what is not JSON is refused by the parser later.
 */
export function depthOf(bytes: Buffer, { start, end }: ByteRange, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at, end) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (depth > limit) return deepest;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
  }
  return deepest;
}

/**
 * Ranges of the elements of the array that fills `range`, cut at its top-level commas, or undefined where the brackets
 * do not pair up. Elements are not validated here. At most `limit` + 1 ranges are made.
 */
export function splitArray(bytes: Buffer, range: ByteRange, limit: number): ByteRange[] | undefined {
  const elements: ByteRange[] = [];
  let depth = 0;
  let start = range.start + 1;
  for (let at = range.start; at < range.end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at, range.end) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) {
        if (byte !== CLOSE_ARRAY || at !== range.end - 1) return undefined;
        const last = trim(bytes, { start, end: at });
        if (last.end > last.start || elements.length > 0) elements.push(last);
        return elements;
      }
    } else if (byte === COMMA && depth === 1) {
      elements.push(trim(bytes, { start, end: at }));
      if (elements.length > limit) return elements;
      start = at + 1;
    }
  }
  return undefined;
}

/** Whether the bracket that opens the range is closed by its last byte: the range is one JSON text, not several. */
export function closesAtEnd(bytes: Buffer, { start, end }: ByteRange): boolean {
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at, end) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth <= 0) return at === end - 1;
    }
  }
  return false;
}

export const startsArray = (bytes: Buffer, { start }: ByteRange): boolean => bytes[start] === OPEN_ARRAY;
export const startsObject = (bytes: Buffer, { start }: ByteRange): boolean => bytes[start] === OPEN_OBJECT;
