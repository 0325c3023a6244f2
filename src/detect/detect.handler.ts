import type { JsonObject, Signal } from '../kernel/index.js';
import { crashPoint, TimeSlice, type Batch, type BatchHandler, type Database, type DatabaseTx, type LogWriter, type Metrics, type WakeUp } from '../platform/index.js';
import type { CheckpointStore } from './checkpoint-store.js';
import type { detectLogEvents } from './detect.log-events.js';
import type { detectMetrics } from './detect.metrics.js';
import type { Detector } from './detector.js';
import type { Logsource } from './engine/index.js';
import type { SignalWriter } from './signal-writer.js';
import { EVENTS_TO_COME, READ_EVENTS, READ_EVENTS_UPTO } from './sql.js';

export interface EventRow {
  position: number;
  record_id: string;
  source: string;
  stream: string;
  received_at: Date;
  event_time: Date;
  doc: JsonObject;
}

export interface DetectHandlerParts {
  readonly database: Database;
  readonly checkpoints: CheckpointStore;
  readonly signals: SignalWriter;
  /** A detector without state; asked again after every failure. */
  readonly makeDetector: () => Detector;
  readonly logsourcesOf: (stream: string) => readonly Logsource[];
  readonly checkpointIntervalMs: number;
  readonly metrics: Metrics<typeof detectMetrics>;
  readonly log: LogWriter<typeof detectLogEvents>;
  /** Told after a commit that wrote facts. */
  readonly written: WakeUp;
}

/** A checkpoint is due after this many events too, so that a restart never reads more again. */
const CHECKPOINT_EVENTS = 20_000;
const TAIL_PAGE = 2_000;

/**
 * Events to signals. Window state lives in memory between checkpoints; whenever a commit fails or its outcome is not
 * known, memory is dropped, and the checkpoint plus the events up to the cursor bring it back.
 */
export class DetectHandler implements BatchHandler<EventRow> {
  #detector: Detector;
  #checkpointAt = 0;
  #eventsSince = 0;
  #savedAt = performance.now();
  /** What the last replay fired: stored already, except where the rules have changed since. */
  #replayed: Signal[] = [];

  constructor(private readonly parts: DetectHandlerParts) {
    this.#detector = parts.makeDetector();
  }

  async read(cursor: number, limit: number): Promise<{ rows: readonly EventRow[]; cursor: number }> {
    const rows = await this.parts.database.prepared<EventRow>('detect_read_events', READ_EVENTS, [cursor, limit]);
    return { rows, cursor: rows.at(-1)?.position ?? cursor };
  }

  async reset(cursor: number): Promise<void> {
    this.#detector = this.parts.makeDetector();
    const { position, rows } = await this.parts.checkpoints.load();
    this.#detector.restore(rows);
    this.#checkpointAt = position;
    this.#replayed = [];
    this.#eventsSince = await this.#replay(position, cursor);
    this.#savedAt = performance.now();
    this.parts.log('detect.state_restored', { checkpoint: position, cursor, replayed: this.#eventsSince });
  }

  async handle(tx: DatabaseTx, { rows, to }: Batch<EventRow>): Promise<() => void> {
    const fired: Signal[] = [];
    const slice = new TimeSlice();
    for (const row of rows) {
      if (slice.over) await slice.pause();
      fired.push(...this.#accept(row));
    }
    this.#eventsSince += rows.length;
    return this.#write(tx, { fired, to, events: rows.length, checkpoint: this.#checkpointDue() });
  }

  /** An event on which the rules themselves fail cannot be judged: it is left out of detection, and the log says so. */
  async reject(_tx: DatabaseTx, { record_id: record, position, stream }: EventRow, error: unknown): Promise<void> {
    this.parts.log('detect.event_rejected', { record, position, stream, error });
  }

  /**
   * Lets time pass while no events come, so that what waits for the end of a window is decided. The checkpoint in the same
   * transaction holds the tick, so that a replay need not repeat it. Not while events wait to be mapped: they would be late.
   */
  async idle(tx: DatabaseTx, cursor: number): Promise<(() => void) | undefined> {
    const [backlog] = await tx.query<{ waiting: boolean }>(EVENTS_TO_COME);
    if (backlog?.waiting || !this.#detector.hasOpenWindows) return undefined;
    return this.#write(tx, { fired: this.#detector.advanceTo(tx.now), to: cursor, events: 0, checkpoint: true });
  }

  async #write(tx: DatabaseTx, { fired, to, events, checkpoint }: { fired: readonly Signal[]; to: number; events: number; checkpoint: boolean }): Promise<() => void> {
    const fresh = await this.parts.signals.write(tx, [...this.#replayed, ...fired]);
    if (checkpoint) {
      crashPoint('detect.before_checkpoint');
      await this.parts.checkpoints.save(tx, this.#checkpointAt, to, this.#detector.takeChanges());
      crashPoint('detect.after_checkpoint');
    }
    return () => {
      this.#replayed = [];
      if (checkpoint) {
        this.#checkpointAt = to;
        this.#eventsSince = 0;
        this.#savedAt = performance.now();
      }
      this.#report(events, to, fresh);
    };
  }

  /** Brings memory from the checkpoint to the cursor. */
  async #replay(from: number, to: number): Promise<number> {
    let replayed = 0;
    for (let cursor = from; cursor < to; ) {
      const rows = await this.parts.database.query<EventRow>(READ_EVENTS_UPTO, [cursor, to, TAIL_PAGE]);
      const slice = new TimeSlice();
      for (const row of rows) {
        if (slice.over) await slice.pause();
        this.#replayed.push(...this.#accept(row));
      }
      replayed += rows.length;
      cursor = rows.at(-1)?.position ?? to;
    }
    return replayed;
  }

  #accept({ record_id: id, position, source, stream, received_at: receivedAt, event_time: time, doc: document }: EventRow): Signal[] {
    return this.#detector.accept({ id, position, source, receivedAt, time, document, logsources: this.parts.logsourcesOf(stream) });
  }

  #checkpointDue(): boolean {
    return this.#eventsSince >= CHECKPOINT_EVENTS || performance.now() - this.#savedAt >= this.parts.checkpointIntervalMs;
  }

  #report(events: number, position: number, fresh: readonly Signal[]): void {
    const { metrics, log, written } = this.parts;
    metrics.cordon_detect_events_total.inc(events);
    metrics.cordon_detect_position.set(position);
    const { tooLate, future, rules } = this.#detector.statistics;
    metrics.cordon_detect_too_late.set(tooLate);
    metrics.cordon_detect_future_capped.set(future);
    for (const [rule, { groups, groupsEvicted, entriesEvicted }] of rules) {
      metrics.cordon_detect_groups.set({ rule }, groups);
      metrics.cordon_detect_evicted_groups.set({ rule }, groupsEvicted);
      metrics.cordon_detect_evicted_entries.set({ rule }, entriesEvicted);
    }
    if (fresh.length > 0) written.notify();
    // group values name people and tokens: they stay out of the log
    for (const { id, ruleId, ruleTitle, level } of fresh) {
      metrics.cordon_detect_signals_total.inc({ rule: ruleId, level });
      log('detect.signal_fired', { signal: id, rule: ruleId, title: ruleTitle, level });
    }
  }
}
