import { createHash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '../kernel/index.js';

/** What an audit row says. */
export interface EntryContent {
  /** ISO 8601 in UTC with as many digits as the database keeps. */
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  readonly detail: JsonValue;
}

/** One link of the chain with its row. Hashes are 64 hexadecimal digits. */
export interface ChainEntry {
  readonly seq: number;
  /** Id of the row. */
  readonly id: string;
  /** Hash of the entry before; {@link GENESIS} for the first. */
  readonly prev: string;
  readonly hash: string;
  /** Undefined where the link is there and its row is gone. */
  readonly content: EntryContent | undefined;
}

/** An entry whose row is there. */
export interface WholeEntry extends ChainEntry {
  readonly content: EntryContent;
}

/** What stands before the first entry. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 of the canonical JSON (RFC 8785) of {seq, id, at, action, actor, target, detail, prev}. */
export function entryHash(seq: number, id: string, { at, action, actor, target, detail }: EntryContent, prev: string): string {
  return createHash('sha256').update(canonicalJson({ seq, id, at, action, actor, target, detail, prev })).digest('hex');
}
