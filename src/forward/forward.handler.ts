import { SinkFailure, type Delivery, type Sink } from '../kernel/index.js';
import { chunksOfSize, type Batch, type BatchHandler, type DatabaseTx, type LogWriter, type Metrics } from '../platform/index.js';
import type { DeadLetters } from './dead-letters.js';
import type { Feed, FeedRow } from './feed.js';
import type { forwardLogEvents } from './forward.log-events.js';
import type { forwardMetrics } from './forward.metrics.js';
import { SEARCHABLE, sendDocuments } from './send-documents.js';

export interface ForwardHandlerParts {
  readonly sink: Sink;
  /** `facts` or `events`. */
  readonly feedName: string;
  readonly feed: Feed;
  readonly deadLetters: DeadLetters;
  readonly metrics: Metrics<typeof forwardMetrics>;
  readonly log: LogWriter<typeof forwardLogEvents>;
  /** Ends waiting and sending when the product stops. */
  readonly signal: AbortSignal;
  /** First and longest pause after a failure. */
  readonly backOff?: { readonly firstMs: number; readonly longestMs: number };
}

/** A row that was sent, and what the sink made of it. */
export interface SentRow extends FeedRow {
  readonly delivery: Delivery;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A sink that asks for more is asked again all the same: an answer of a day may come from what stands before it. */
const LONGEST_ASKED_MS = 300_000;
/** How often a document fails for itself while others pass, until it is left out: some minutes. */
const TRIES_OF_A_SUSPECT = 20;
const PASSED: Delivery = { status: 'accepted' };

/**
 * Rows to a sink. They are sent while the batch is read, outside any transaction; what the transaction of the batch holds is
 * the cursor and what the sink will never take. A sink that is down moves nothing: the same rows are read and sent again
 * later, under the same ids, and only this sink waits.
 */
export class ForwardHandler implements BatchHandler<SentRow> {
  #prepared = false;
  #pauseMs = 0;
  #notBefore = 0;
  #down = false;
  /** Documents of a read; few after a search for the one at fault that came to no end. */
  #most: number;
  /** By document: how often it failed while others passed. */
  readonly #suspects = new Map<string, number>();

  constructor(private readonly parts: ForwardHandlerParts) {
    this.#most = parts.sink.maxDocuments;
  }

  async read(cursor: number, limit: number): Promise<{ rows: readonly SentRow[]; cursor: number }> {
    const { sink, feed, signal } = this.parts;
    if (signal.aborted || performance.now() < this.#notBefore) return { rows: [], cursor };
    const { rows, cursor: to } = await feed.read(cursor, Math.min(limit, sink.maxDocuments, this.#most));
    if (rows.every(({ document }) => document === undefined)) return { rows: [], cursor: to };
    try {
      if (!this.#prepared) await sink.prepare(signal);
      this.#prepared = true;
      const sent = await this.#deliver(rows);
      this.#recovered();
      return { rows: sent, cursor: to };
    } catch (error) {
      this.#failed(error);
      return { rows: [], cursor };
    }
  }

  reset(): Promise<void> {
    this.#notBefore = 0;
    return Promise.resolve();
  }

  async handle(tx: DatabaseTx, { rows }: Batch<SentRow>): Promise<() => void> {
    const { sink, feedName, deadLetters } = this.parts;
    const rejected = rows.flatMap(({ position, document, delivery }) =>
      document && delivery.status === 'rejected' ? [{ sink: sink.id, feed: feedName, position, document, reason: delivery.reason }] : [],
    );
    await deadLetters.add(tx, rejected);
    return () => this.#count(rows);
  }

  /** A row with which the batch itself fails goes to the dead letters without its document. */
  async reject(tx: DatabaseTx, { position, document }: SentRow, error: unknown): Promise<void> {
    const { sink, feedName, deadLetters } = this.parts;
    if (document) await deadLetters.add(tx, [{ sink: sink.id, feed: feedName, position, document: { ...document, doc: {} }, reason: `not stored: ${String(error)}` }]);
  }

  async #deliver(rows: readonly FeedRow[]): Promise<SentRow[]> {
    const { sink, signal } = this.parts;
    const documents = rows.flatMap(({ document }) => document ?? []);
    const deliveries = new Map<string, Delivery>();
    let searched = false;
    for (const chunk of chunksOfSize(documents, sink.maxBytes, ({ doc }) => Buffer.byteLength(JSON.stringify(doc)))) {
      const sent = await sendDocuments(sink, chunk, signal);
      for (const [id, delivery] of sent.deliveries) deliveries.set(id, delivery);
      searched ||= sent.searched;
    }
    this.#leaveOutSuspects(deliveries);
    if (!searched) this.#most = Math.min(this.#most * 2, sink.maxDocuments);
    return rows.map((row) => ({ ...row, delivery: (row.document && deliveries.get(row.document.id)) ?? PASSED }));
  }

  /** What was taken already is sent again with what has to wait: under the same ids the sink knows it. */
  #leaveOutSuspects(deliveries: Map<string, Delivery>): void {
    const othersPass = [...deliveries.values()].some(({ status }) => status === 'accepted' || status === 'duplicate');
    let waiting: string | undefined;
    for (const [id, delivery] of deliveries) {
      if (delivery.status !== 'retry') continue;
      const tries = (this.#suspects.get(id) ?? 0) + Number(othersPass && delivery.suspect === true);
      this.#suspects.set(id, tries);
      if (tries >= TRIES_OF_A_SUSPECT) deliveries.set(id, { status: 'rejected', reason: delivery.reason });
      else waiting ??= delivery.reason;
    }
    if (waiting !== undefined) throw new SinkFailure('unavailable', waiting);
  }

  #failed(error: unknown): void {
    const { sink, feedName, metrics, log, signal, backOff } = this.parts;
    if (signal.aborted) return;
    const failure = error instanceof SinkFailure ? error : new SinkFailure('unavailable', String(error), { cause: error });
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, backOff?.firstMs ?? FIRST_PAUSE_MS), backOff?.longestMs ?? LONGEST_PAUSE_MS);
    this.#notBefore = performance.now() + Math.max(this.#pauseMs, Math.min(failure.options.retryAfterMs ?? 0, LONGEST_ASKED_MS));
    if (failure.options.suspect) this.#most = Math.min(SEARCHABLE, sink.maxDocuments);
    metrics.cordon_forward_failures_total.inc({ sink: sink.id, feed: feedName, kind: failure.kind });
    metrics.cordon_forward_up.set({ sink: sink.id, feed: feedName }, 0);
    if (!this.#down) log('forward.sink_down', { sink: sink.id, feed: feedName, kind: failure.kind, reason: failure.message });
    this.#down = true;
    // A target that was set up anew may have lost what prepare made.
    this.#prepared = false;
  }

  #recovered(): void {
    const { sink, feedName, metrics, log } = this.parts;
    this.#pauseMs = 0;
    this.#suspects.clear();
    metrics.cordon_forward_up.set({ sink: sink.id, feed: feedName }, 1);
    if (this.#down) log('forward.sink_up', { sink: sink.id, feed: feedName });
    this.#down = false;
  }

  #count(rows: readonly SentRow[]): void {
    const { sink, feedName, metrics, log } = this.parts;
    for (const { document, delivery } of rows) {
      if (document) metrics.cordon_forward_documents_total.inc({ sink: sink.id, feed: feedName, outcome: delivery.status });
    }
    const rejected = rows.filter(({ delivery }) => delivery.status === 'rejected').length;
    if (rejected > 0) log('forward.documents_rejected', { sink: sink.id, feed: feedName, rejected });
  }
}
