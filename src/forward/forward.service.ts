import { SinkFailure, type AuditSink, type Sink, type Tx } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import type { DeadLetters, StoredDeadLetter } from './dead-letters.js';
import { forwardErrors } from './forward.errors.js';
import { FORGET_CURSORS, READ_STATUS } from './sql.js';

/** How far a sink has come in one of its feeds. */
export interface FeedStatus {
  readonly feed: string;
  readonly position: number;
  /** Positions of the feed that it has not reached; some of them may hold nothing. */
  readonly behind: number;
  readonly movedAt: Date;
}

export interface SinkStatus {
  readonly sink: string;
  /** False for one that was configured once and still holds back retention. */
  readonly configured: boolean;
  readonly feeds: readonly FeedStatus[];
  readonly deadLetters: number;
}

/** Name of cursor and lease of a feed of a sink. */
export const readerName = (sink: string, feed: string): string => `forward.${sink}.${feed}`;

export interface RetryReport {
  readonly sent: number;
  /** Those that the sink refused again. */
  readonly left: number;
}

export class ForwardService {
  constructor(
    private readonly database: Database,
    private readonly sinks: readonly Sink[],
    private readonly deadLetters: DeadLetters,
    private readonly audit: AuditSink,
  ) {}

  async status(): Promise<SinkStatus[]> {
    const rows = await this.database.query<{ name: string; position: number; updated_at: Date; behind: number }>(READ_STATUS);
    const counts = await this.deadLetters.counts();
    const names = new Set([...this.sinks.map(({ id }) => id), ...rows.map(({ name }) => sinkOf(name)), ...Object.keys(counts)]);
    return [...names].sort().map((sink) => ({
      sink,
      configured: this.sinks.some(({ id }) => id === sink),
      feeds: rows.filter(({ name }) => sinkOf(name) === sink).map(({ name, position, updated_at: movedAt, behind }) => ({ feed: name.split('.')[2] ?? '', position, behind: Math.max(behind, 0), movedAt })),
      deadLetters: counts[sink] ?? 0,
    }));
  }

  /** @throws CordonError `forward.sink_unknown` */
  async listDeadLetters(sink: string, after: string | undefined, limit: number): Promise<StoredDeadLetter[]> {
    await this.#require(sink);
    return this.deadLetters.list(sink, after, limit);
  }

  /** Sends dead letters again, as after a mapping was mended. What is taken leaves the list. */
  async retry(name: string, limit: number, actor: string): Promise<RetryReport> {
    const sink = this.sinks.find(({ id }) => id === name);
    if (!sink) throw forwardErrors.create('forward.sink_unknown', { field: 'sink', detail: `no sink ${name.slice(0, 80)} is configured` });
    const letters = await this.deadLetters.list(name, undefined, Math.min(limit, sink.maxDocuments));
    if (letters.length === 0) return { sent: 0, left: 0 };
    const answers = await this.#send(sink, letters);
    const taken = letters.filter((_letter, index) => ['accepted', 'duplicate'].includes(answers[index] ?? '')).map(({ document }) => document.id);
    await this.database.transaction(async (tx) => {
      await this.deadLetters.remove(tx, name, taken);
      await this.#record(tx, 'forward.dead_letters_sent', name, actor, { sent: taken.length });
    });
    return { sent: taken.length, left: letters.length - taken.length };
  }

  /** Drops dead letters for good. */
  async discard(sink: string, ids: readonly string[], actor: string): Promise<void> {
    await this.#require(sink);
    await this.database.transaction(async (tx) => {
      await this.deadLetters.remove(tx, sink, ids);
      await this.#record(tx, 'forward.dead_letters_discarded', sink, actor, { ids: [...ids] });
    });
  }

  /** Lets a sink that is no longer configured stop holding back retention. If it comes back it starts anew. */
  async forget(sink: string, actor: string): Promise<void> {
    const status = await this.#require(sink);
    if (status.configured) throw forwardErrors.create('forward.request_invalid', { field: 'sink', detail: `sink: ${sink} is configured; take it out of forward.sinks first` });
    await this.database.transaction(async (tx) => {
      await tx.query(FORGET_CURSORS, [status.feeds.map(({ feed }) => readerName(sink, feed))]);
      await this.#record(tx, 'forward.sink_forgotten', sink, actor, {});
    });
  }

  async #send(sink: Sink, letters: readonly StoredDeadLetter[]): Promise<string[]> {
    try {
      const answers = await sink.send(letters.map(({ document }) => document), AbortSignal.timeout(30_000));
      return answers.map(({ status }) => status);
    } catch (error) {
      if (error instanceof SinkFailure) throw forwardErrors.create('forward.sink_failed', { detail: error.message, cause: error });
      throw error;
    }
  }

  async #require(sink: string): Promise<SinkStatus> {
    const status = (await this.status()).find((known) => known.sink === sink);
    if (!status) throw forwardErrors.create('forward.sink_unknown', { field: 'sink', detail: `no sink ${sink.slice(0, 80)}` });
    return status;
  }

  async #record(tx: Tx, action: string, sink: string, actor: string, detail: { [key: string]: number | string[] }): Promise<void> {
    await this.audit.record(tx, [{ action, actor, target: `sink:${sink}`, detail }]);
  }
}

const sinkOf = (reader: string): string => reader.split('.')[1] ?? '';
