import type { ChainEntry, EntryContent } from './chain-entry.js';
import { CHECKPOINT_FORMAT, type Checkpoint } from './checkpoint.js';
import { formatPublicKey } from './checkpoint-key.js';
import { readDetail } from './read-detail.js';

export interface ContentRow {
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  /** Text of the jsonb value. */
  readonly detail: string;
}

export type EntryRow = { readonly seq: number; readonly id: string; readonly prev: string; readonly hash: string } & (({ readonly present: true } & ContentRow) | { readonly present: false });

export interface CheckpointRow {
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly public_key: Buffer;
  readonly signature: Buffer;
}

export const toContent = ({ at, action, actor, target, detail }: ContentRow): EntryContent => ({ at, action, actor, target, detail: readDetail(detail) });

export const toEntry = (row: EntryRow): ChainEntry => ({ seq: row.seq, id: row.id, prev: row.prev, hash: row.hash, content: row.present ? toContent(row) : undefined });

export const toCheckpoint = ({ seq, hash, at, public_key: key, signature }: CheckpointRow): Checkpoint => ({
  format: CHECKPOINT_FORMAT, seq, hash, at, public_key: formatPublicKey(key), signature: signature.toString('base64url'),
});
