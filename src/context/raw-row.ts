import type { EntityFact } from '../kernel/index.js';

/** A file of an import. */
export interface ContextFile {
  /** Its end, `.csv` or `.json`, says the format. */
  readonly name: string;
  readonly content: string;
}

/** One row as a file has it, members in the names of the JSON form. */
export interface RawRow {
  readonly file: string;
  /** Line on which it starts, from 1; in CSV with line breaks inside cells the line on which it ends. */
  readonly line: number;
  readonly type: EntityFact['type'];
  readonly value: unknown;
}

/** What is wrong with one row. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly type: EntityFact['type'];
  /** Id of the row, where it has one. */
  readonly id: string | null;
  readonly field: string;
  readonly reason: string;
  readonly remedy: string;
}
