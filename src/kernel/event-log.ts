/**
 * Port of the event log: raw records after field policy, in commit order. See docs/architecture.md and ADR 0003 for why
 * everything that appends goes through one call.
 */

/** One record to append. The id is made by the caller (uuid v7). */
export interface NewRecord {
  readonly id: string;
  readonly source: string;
  readonly stream: string;
  /** The delivery (one received request) it came with. */
  readonly delivery: string;
  readonly itemIndex: number;
  /** 32 bytes naming the record for its source, or null where the source does not de-duplicate. */
  readonly dedupeKey: Buffer | null;
  /** Keyed hash (HMAC-SHA256) of the received bytes of this record, before field policy. */
  readonly bodyHash: Buffer;
  /** Raw record after field policy, UTF-8 (or as received where it could not be parsed). */
  readonly body: Buffer;
  readonly receivedAt: Date;
}

/** What became of one record: `clash` is stored too, since its key was seen with another body. */
export type AppendResult =
  | { readonly status: 'stored' | 'clash'; readonly position: number }
  | { readonly status: 'duplicate'; readonly originalId: string };

/** Binds a key to the holder that it is first appended with; no other holder can append under it as long as it is known. */
export interface Binding {
  /** {@link BINDING_KEY_BYTES} bytes. */
  readonly key: Buffer;
  readonly holder: string;
  /** When the key may be forgotten. */
  readonly expires: Date;
}

export const BINDING_KEY_BYTES = 16;

/** Everything was appended, or nothing was, since the keys of some bindings (their indexes) have another holder. */
export type BoundAppend = { readonly results: AppendResult[] } | { readonly refused: readonly number[] };

export interface StoredRecord {
  readonly position: number;
  readonly id: string;
  readonly source: string;
  readonly stream: string;
  readonly delivery: string;
  readonly itemIndex: number;
  readonly body: Buffer;
  readonly receivedAt: Date;
}

export interface EventLog {
  /** Appends in one durable commit; results are in the order of `records`. Throws a retryable error when the log is busy or down. */
  append(records: readonly NewRecord[]): Promise<AppendResult[]>;
  /** As `append`, with the bindings in the same commit. Of the same key twice the first binds. */
  appendBound(records: readonly NewRecord[], bindings: readonly Binding[]): Promise<BoundAppend>;
  /**
   * Records after `cursor` in log order, none only at the end. Position order is commit order, so a cursor never skips one.
   * Large bodies make it fewer than `limit`.
   */
  read(cursor: number, limit: number): Promise<StoredRecord[]>;
}

export const EVENT_LOG = Symbol('EventLog');
