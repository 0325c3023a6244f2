import type { AppendResult, EventLog, NewRecord } from '../kernel/index.js';

export interface GroupLimits {
  /** Most records in one commit; a single larger delivery is committed alone. */
  readonly maxRecords: number;
  /** Most body bytes in one commit; a single larger delivery is committed alone. */
  readonly maxBytes: number;
}

/** What a finished commit reports, for metrics and the log. */
export interface CommitReport {
  readonly records: number;
  readonly seconds: number;
  readonly error?: unknown;
}

interface Waiting {
  readonly records: readonly NewRecord[];
  readonly bytes: number;
  readonly resolve: (results: AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Turns deliveries of concurrent requests into group commits. One commit is in flight; what arrives meanwhile is the
 * next group, so there is no waiting when idle and the groups grow by themselves under load. Each source is a lane and
 * lanes take turns by delivery: a source that floods delays itself, not the others. Deliveries of a lane keep their order.
 *
 * How much may wait is bounded by the caller's {@link ByteBudget}.
 */
export class GroupCommitter {
  /** Lanes with something waiting, in the order of their turns. */
  readonly #lanes = new Map<string, Waiting[]>();
  #running: Promise<void> | undefined;

  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly limits: GroupLimits,
    private readonly report: (report: CommitReport) => void = () => {},
  ) {}

  /** Resolves with the results in the order of `records` once they are durable; rejects with the error of the log. */
  submit(lane: string, records: readonly NewRecord[]): Promise<AppendResult[]> {
    return new Promise((resolve, reject) => {
      const bytes = records.reduce((sum, { body }) => sum + body.length, 0);
      const waiting: Waiting = { records, bytes, resolve, reject };
      const queue = this.#lanes.get(lane);
      if (queue) queue.push(waiting);
      else this.#lanes.set(lane, [waiting]);
      this.#running ??= this.run();
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running;
  }

  private async run(): Promise<void> {
    // Requests that the same turn of the event loop brought belong to the same group.
    await new Promise(setImmediate);
    while (this.#lanes.size > 0) await this.commit(this.nextGroup());
    this.#running = undefined;
  }

  private async commit(group: readonly Waiting[]): Promise<void> {
    const records = group.flatMap((waiting) => waiting.records);
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    try {
      const results = await this.log.append(records);
      if (results.length !== records.length) throw new TypeError(`the log gave ${results.length} results for ${records.length} records`);
      this.report({ records: records.length, seconds: elapsed() });
      let at = 0;
      for (const { records: own, resolve } of group) resolve(results.slice(at, (at += own.length)));
    } catch (error) {
      this.report({ records: records.length, seconds: elapsed(), error });
      for (const { reject } of group) reject(error);
    }
  }

  private nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let records = 0;
    let bytes = 0;
    for (;;) {
      const [lane, queue] = this.#lanes.entries().next().value ?? [];
      const next = queue?.[0];
      if (lane === undefined || queue === undefined || next === undefined) return group;
      const fits = records + next.records.length <= this.limits.maxRecords && bytes + next.bytes <= this.limits.maxBytes;
      if (group.length > 0 && !fits) return group;
      group.push(next);
      records += next.records.length;
      bytes += next.bytes;
      this.#lanes.delete(lane);
      queue.shift();
      // To the end of the round: re-inserting into a Map is what moves a key there.
      if (queue.length > 0) this.#lanes.set(lane, queue);
    }
  }
}
