import { SinkFailure, type Delivery, type Sink, type SinkDocument } from '../kernel/index.js';
import { chunksOfSize, type Batch, type BatchHandler, type DatabaseTx, type LogWriter, type Metrics } from '../platform/index.js';
import type { DeadLetters } from './dead-letters.js';
import type { Feed, FeedRow } from './feed.js';
import type { forwardLogEvents } from './forward.log-events.js';
import type { forwardMetrics } from './forward.metrics.js';

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

  constructor(private readonly parts: ForwardHandlerParts) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly SentRow[]; cursor: number }> {
    const { sink, feed, signal } = this.parts;
    if (signal.aborted || performance.now() < this.#notBefore) return { rows: [], cursor };
    const { rows, cursor: to } = await feed.read(cursor, Math.min(limit, sink.maxDocuments));
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
    const documents = rows.flatMap(({ document }) => document ?? []);
    const deliveries = new Map<string, Delivery>();
    for (const chunk of chunksOfSize(documents, this.parts.sink.maxBytes, ({ doc }) => Buffer.byteLength(JSON.stringify(doc)))) {
      for (const [id, delivery] of await this.#send(chunk)) deliveries.set(id, delivery);
    }
    return rows.map((row) => ({ ...row, delivery: (row.document && deliveries.get(row.document.id)) ?? PASSED }));
  }

  /** A request that is too large is halved, down to one document, which is then left out. */
  async #send(documents: readonly SinkDocument[]): Promise<(readonly [string, Delivery])[]> {
    const { sink, signal } = this.parts;
    let answers: readonly Delivery[];
    try {
      answers = await sink.send(documents, signal);
    } catch (error) {
      if (!(error instanceof SinkFailure) || error.kind !== 'too_large') throw error;
      if (documents.length === 1) return documents.map(({ id }) => [id, { status: 'rejected', reason: error.message }] as const);
      const half = Math.ceil(documents.length / 2);
      return [...(await this.#send(documents.slice(0, half))), ...(await this.#send(documents.slice(half)))];
    }
    const retry = answers.find((answer) => answer.status === 'retry');
    // What was taken already is sent again with the rest: under the same ids the sink knows it.
    if (retry?.status === 'retry') throw new SinkFailure('unavailable', retry.reason);
    return documents.map(({ id }, index) => {
      const answer = answers[index];
      if (!answer) throw new SinkFailure('unavailable', `the sink answered for ${answers.length} of ${documents.length} documents`);
      return [id, answer] as const;
    });
  }

  #failed(error: unknown): void {
    const { sink, feedName, metrics, log, signal, backOff } = this.parts;
    if (signal.aborted) return;
    const failure = error instanceof SinkFailure ? error : new SinkFailure('unavailable', String(error), { cause: error });
    this.#pauseMs = Math.min(Math.max(this.#pauseMs * 2, backOff?.firstMs ?? FIRST_PAUSE_MS), backOff?.longestMs ?? LONGEST_PAUSE_MS);
    this.#notBefore = performance.now() + Math.max(this.#pauseMs, failure.options.retryAfterMs ?? 0);
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
