import { isCordonError } from '../../kernel/index.js';
import { crashPoint, type Database, type DatabaseTx } from '../../platform/index.js';
import type { Effect } from './effect.js';
import { StepBatch } from './step-batch.js';
import { StaleEffects } from './step-changes.js';
import type { StepParts } from './step-parts.js';
import { workThrough, type Work, type WorkDone } from './work.js';

/** Who is told of a commit. */
export interface CommitListener {
  /** Leased to this process: to be called now. */
  handOver(effects: readonly Effect[]): void;
  /** Their state was left: calls of them are broken off. */
  giveUp(effectIds: readonly string[]): void;
  /** There is something that any instance may take. */
  workLeft(): void;
  factsWritten(): void;
}

interface Waiting {
  readonly work: Work;
  readonly resolve: (done: WorkDone) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs of one transaction. */
const MOST_RUNS = 64;
/** Transactions under way at once: while one waits for its commit, the next one computes. */
const MOST_AT_ONCE = 3;
const ATTEMPTS = 5;
const RETRY_MS = 50;

/**
 * Applies what comes to runs, in transactions. What comes while one is under way goes into the next one together, so that
 * under load many runs share a commit; alone, each gets one at once. A run is in one transaction at a time.
 */
export class Stepper {
  readonly #queue: Waiting[] = [];
  readonly #busy = new Set<string>();
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly parts: StepParts,
    private readonly listener: CommitListener,
  ) {}

  /** @throws StaleEffects where the effect of a settlement was not as it was seen; CordonErrors of commands */
  submit(work: Work): Promise<WorkDone> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, resolve, reject });
      this.#pump();
    });
  }

  /** A batch for a transaction that began elsewhere. After its commit, {@link committed} is to be called. */
  batch(tx: DatabaseTx): StepBatch {
    return new StepBatch(this.parts, tx);
  }

  /** Lets go what a committed batch started. */
  committed(batch: StepBatch): void {
    crashPoint('runtime.after_commit');
    for (const report of batch.reports) report();
    if (batch.givenUp.length > 0) this.listener.giveUp(batch.givenUp);
    if (batch.handedOver.length > 0) this.listener.handOver(batch.handedOver);
    if (batch.leftWork) this.listener.workLeft();
    if (batch.changes.facts.length > 0) this.listener.factsWritten();
  }

  /** Gives back what a batch that was not committed had reserved. */
  abandoned(batch: StepBatch): void {
    for (const _effect of batch.handedOver) this.parts.slots.release();
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    if (this.#running === 0 && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#running < MOST_AT_ONCE) {
      const taken = this.#take();
      if (taken.length === 0) break;
      const ids = [...new Set(taken.map(({ work }) => work.runId))];
      for (const id of ids) this.#busy.add(id);
      this.#running += 1;
      void this.#run(taken).finally(() => {
        this.#running -= 1;
        for (const id of ids) this.#busy.delete(id);
        this.#pump();
      });
    }
    if (this.#running === 0 && this.#queue.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** The next works, of runs that are in no transaction. A command goes alone: it answers a person, and may refuse. */
  #take(): Waiting[] {
    const taken: Waiting[] = [];
    const skipped = new Set<string>();
    for (let index = 0; index < this.#queue.length && taken.length < MOST_RUNS; ) {
      const waiting = this.#queue[index] as Waiting;
      const { runId, kind } = waiting.work;
      if (this.#busy.has(runId) || skipped.has(runId) || (kind === 'command' && taken.length > 0)) {
        skipped.add(runId);
        index += 1;
        continue;
      }
      this.#queue.splice(index, 1);
      taken.push(waiting);
      if (kind === 'command') break;
    }
    return taken;
  }

  async #run(all: readonly Waiting[]): Promise<void> {
    try {
      const done = await this.#transact(all.map(({ work }) => work));
      all.forEach(({ resolve }, index) => resolve(done[index] as WorkDone));
    } catch (error) {
      // One of them may be what fails: each by itself.
      if (all.length > 1) for (const waiting of all) await this.#alone(waiting);
      else if (all[0]) await this.#alone(all[0], error);
    }
  }

  async #alone({ work, resolve, reject }: Waiting, first?: unknown): Promise<void> {
    let error = first;
    for (let attempt = error === undefined ? 0 : 1; attempt < ATTEMPTS; attempt += 1) {
      if (error !== undefined && !mayPass(error)) break;
      if (error !== undefined) await new Promise((done) => setTimeout(done, RETRY_MS * 2 ** attempt));
      try {
        const [done] = await this.#transact([work]);
        return resolve(done as WorkDone);
      } catch (failure) {
        error = failure;
      }
    }
    reject(error);
  }

  async #transact(works: readonly Work[]): Promise<WorkDone[]> {
    let batch: StepBatch | undefined;
    try {
      const done = await this.database.transaction(async (tx) => {
        batch = this.batch(tx);
        await batch.hold([...new Set(works.map(({ runId }) => runId))]);
        return workThrough(batch, works);
      });
      if (batch) this.committed(batch);
      return done;
    } catch (error) {
      if (batch) this.abandoned(batch);
      throw error;
    }
  }
}

/** Whether the failure says nothing of the work itself. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof StaleEffects) && isCordonError(error) && error.definition.retryable === true;
}
