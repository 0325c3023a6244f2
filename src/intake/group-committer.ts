import type { AppendResult, Binding, EventLog, NewRecord } from '../kernel/index.js';

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

/** One delivery for the log. */
export interface Submission {
  readonly records: readonly NewRecord[];
  /** What must be the delivery's own for its records to be appended. */
  readonly binding?: Binding | undefined;
}

/** The results in the order of the records, or `refused`, and nothing was appended: the binding's key has another holder. */
export type Outcome = readonly AppendResult[] | 'refused';

interface Waiting extends Submission {
  readonly bytes: number;
  readonly resolve: (outcome: Outcome) => void;
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
    private readonly log: Pick<EventLog, 'appendBound'>,
    private readonly limits: GroupLimits,
    private readonly report: (report: CommitReport) => void = () => {},
  ) {}

  /** Resolves once the records are durable or refused; rejects with the error of the log. */
  submit(lane: string, { records, binding }: Submission): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const bytes = records.reduce((sum, { body }) => sum + body.length, 0);
      const waiting: Waiting = { records, binding, bytes, resolve, reject };
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
    let rest = group;
    while (rest.length > 0) rest = await this.attempt(rest);
  }

  /** Settles the whole group, or those of it that the log refuses, and gives back the others to append without them. */
  private async attempt(group: readonly Waiting[]): Promise<readonly Waiting[]> {
    const records = group.flatMap((waiting) => waiting.records);
    const bound = group.filter(hasBinding);
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    try {
      const outcome = await this.log.appendBound(records, bound.map(({ binding }) => binding));
      if ('refused' in outcome) return refuse(group, new Set(outcome.refused.map((index) => bound[index])));
      const { results } = outcome;
      if (results.length !== records.length) throw new TypeError(`the log gave ${results.length} results for ${records.length} records`);
      this.report({ records: records.length, seconds: elapsed() });
      let at = 0;
      for (const { records: own, resolve } of group) resolve(results.slice(at, (at += own.length)));
    } catch (error) {
      this.report({ records: records.length, seconds: elapsed(), error });
      for (const { reject } of group) reject(error);
    }
    return [];
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

const hasBinding = (waiting: Waiting): waiting is Waiting & { readonly binding: Binding } => waiting.binding !== undefined;

function refuse(group: readonly Waiting[], refused: ReadonlySet<Waiting | undefined>): readonly Waiting[] {
  const rest = group.filter((waiting) => !refused.has(waiting));
  if (rest.length === group.length) throw new TypeError('the log refused bindings that it was not given');
  for (const waiting of group) if (refused.has(waiting)) waiting.resolve('refused');
  return rest;
}
