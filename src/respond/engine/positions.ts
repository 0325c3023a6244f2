import type { LineCounter } from 'yaml';

export type Path = readonly (string | number)[];

export interface Position {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
}

/** Where a value of a document stands, with what is inside of it. */
export interface Located {
  /** Offsets into the text. */
  readonly start: number;
  readonly end: number;
  /** Of the key, where the value is a member of a mapping. */
  readonly keyStart: number | undefined;
  readonly inside: ReadonlyMap<string | number, Located>;
}

/** Finds the line and column of what a path names. */
export class Positions {
  constructor(
    private readonly text: string,
    private readonly lines: LineCounter,
    private readonly root: Located,
  ) {}

  /** Of the value or the key at a path; where the document has none, of what is nearest around it. */
  at(path: Path, part: 'key' | 'value' = 'value'): Position {
    const { located, whole } = this.find(path);
    return this.ofOffset(part === 'key' || !whole ? (located.keyStart ?? located.start) : located.start);
  }

  /** Of a character of a text inside of a value, as far as the document writes it as it is. */
  within(path: Path, text: string, offset: number): Position {
    const { located, whole } = this.find(path);
    const from = located.keyStart ?? located.start;
    // Where the path names a key, such as a delay, the text stands in the key.
    for (const [start, end] of [[located.start, located.end], [from, located.end]] as const) {
      const index = whole && text !== '' ? this.text.slice(start, end).indexOf(text) : -1;
      if (index >= 0) return this.ofOffset(start + index + offset);
    }
    return this.at(path);
  }

  private find(path: Path): { readonly located: Located; readonly whole: boolean } {
    let located = this.root;
    for (const key of path) {
      const next = located.inside.get(key);
      if (!next) return { located, whole: false };
      located = next;
    }
    return { located, whole: true };
  }

  ofOffset(offset: number): Position {
    const { line, col } = this.lines.linePos(Math.max(0, offset));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}
