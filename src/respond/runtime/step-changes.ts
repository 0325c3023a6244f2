import type { AuditEntry, EffectError, EffectOutput, JsonObject, NewFact } from '../../kernel/index.js';
import { uuidv7 } from '../../kernel/index.js';
import { toJson, type DatabaseTx } from '../../platform/index.js';
import type { Verdict } from '../governor/governor.js';
import type { Timer } from './advance.js';
import type { Effect, EffectStatus } from './effect.js';
import { toEffectRow, toRunChange, toRunRow } from './rows.js';
import type { RunEvent } from './run-event.js';
import type { Approved, Run } from './run.js';
import { WRITE_STEP } from './sql.js';

/** The version of XState whose snapshots stand in the rows: a later one may write them differently. */
export const ENGINE = 'xstate@5.33.3';

/** A change of the status of an effect that has a row. It only happens to the very effect that was seen. */
export interface EffectChange {
  readonly id: string;
  readonly expected: EffectStatus;
  readonly fence: number;
  readonly attempt: number;
  readonly status: EffectStatus;
  readonly detached: boolean;
  readonly output: EffectOutput | null;
  readonly error: EffectError | null;
  readonly undo_input: JsonObject | null;
  readonly approved: Approved | null;
  /** For the row of the attempt. */
  readonly detail: string | null;
}

/** An effect that was given up before it was called, or while it is called (`leased`). */
export interface GivenUp {
  readonly id: string;
  readonly status: EffectStatus;
  readonly verdict: Verdict | null;
  readonly action: string;
  /** Whether an attempt before may have changed something at the target. */
  readonly happened: boolean;
}

/** Effects that were not as expected: someone else was faster, or the lease was over. */
export class StaleEffects extends Error {
  override readonly name = 'StaleEffects';

  constructor(readonly ids: readonly string[]) {
    super(`effects changed meanwhile: ${ids.join(', ')}`);
  }
}

const isLive = (status: EffectStatus): boolean => status === 'ready' || status === 'leased' || status === 'waiting';

/** What the transaction of a step is going to write. Collected, then written in one statement. */
export class StepChanges {
  readonly #newRuns = new Set<string>();
  readonly #runs = new Map<string, Run>();
  readonly #effects = new Map<string, Effect>();
  readonly #settled = new Map<string, EffectChange>();
  readonly #detached = new Set<string>();
  readonly #timers = new Map<string, { runId: string; timerId: string; timer: Timer | undefined }>();
  readonly #events: RunEvent[] = [];
  readonly #inbox: { position: number; status: 'applied' | 'dead' }[] = [];
  readonly #dead: { id: string; run_id: string | null; playbook_id: string; body: JsonObject; error: string }[] = [];
  readonly #undone: string[] = [];
  readonly facts: NewFact[] = [];
  readonly audits: AuditEntry[] = [];

  newRun(run: Run): void {
    this.#newRuns.add(run.id);
    this.#runs.set(run.id, run);
  }

  run(run: Run): void {
    this.#runs.set(run.id, run);
  }

  event(event: RunEvent): void {
    this.#events.push(event);
  }

  effect(effect: Effect): void {
    this.#effects.set(effect.id, effect);
  }

  /** @throws StaleEffects where two want to change the same effect: only one of them can have seen it as it is */
  change(change: EffectChange): void {
    if (this.#settled.has(change.id)) throw new StaleEffects([change.id]);
    this.#settled.set(change.id, { ...change, detached: change.detached || this.#detached.delete(change.id) });
  }

  /** Gives the effect where it was not written yet, and with that never will be called. */
  detach(id: string): Effect | undefined {
    const unwritten = this.#effects.get(id);
    const change = this.#settled.get(id);
    if (unwritten && isLive(unwritten.status)) {
      this.#effects.set(id, { ...unwritten, status: 'cancelled', detached: true, leaseOwner: null, leaseUntil: null });
      return unwritten;
    }
    // What people let go in this very transaction is not called any more; what ended in it has ended.
    if (change && isLive(change.status)) this.#settled.set(id, { ...change, status: 'cancelled', detached: true });
    else if (!unwritten && !change) this.#detached.add(id);
    return undefined;
  }

  timer(runId: string, timerId: string, timer: Timer | undefined): void {
    this.#timers.set(`${runId} ${timerId}`, { runId, timerId, timer });
  }

  inbox(position: number, status: 'applied' | 'dead'): void {
    this.#inbox.push({ position, status });
  }

  deadLetter(runId: string | null, playbookId: string, body: JsonObject, error: unknown): void {
    this.#dead.push({ id: uuidv7(), run_id: runId, playbook_id: playbookId, body, error: error instanceof Error ? error.message : String(error) });
  }

  undone(effectId: string): void {
    this.#undone.push(effectId);
  }

  get pending(): boolean {
    return [this.#runs, this.#effects, this.#settled, this.#detached, this.#timers].some(({ size }) => size > 0) || [this.#events, this.#inbox, this.#dead, this.#undone].some(({ length }) => length > 0);
  }

  /** @throws StaleEffects and with it the whole transaction is to be rolled back */
  async write(tx: DatabaseTx, instance: string): Promise<readonly GivenUp[]> {
    if (!this.pending) return [];
    const timers = [...this.#timers.values()];
    const [row] = await tx.prepared<{ settled: string[]; detached: GivenUp[] }>(WRITE_STEP.name, WRITE_STEP.text, [
      toJson([...this.#runs.values()].filter(({ id }) => this.#newRuns.has(id)).map((run) => ({ ...toRunRow(run), engine: ENGINE }))),
      toJson([...this.#runs.values()].filter(({ id }) => !this.#newRuns.has(id)).map(toRunChange)),
      toJson(this.#events.map(({ runId, ...event }) => ({ run_id: runId, ...event }))),
      toJson([...this.#effects.values()].map(toEffectRow)),
      toJson([...this.#settled.values()]),
      [...this.#detached],
      toJson(timers.flatMap(({ timer }) => (timer ? [{ run_id: timer.runId, timer_id: timer.timerId, generation: timer.generation, due: timer.due, clock: timer.clock }] : []))),
      toJson(timers.filter(({ timer }) => !timer).map(({ runId, timerId }) => ({ run_id: runId, timer_id: timerId }))),
      toJson(this.#inbox),
      toJson(this.#dead),
      this.#undone,
      tx.now,
      instance,
    ]);
    const settled = new Set(row?.settled);
    const stale = [...this.#settled.keys()].filter((id) => !settled.has(id));
    if (stale.length > 0) throw new StaleEffects(stale);
    this.#clear();
    return row?.detached ?? [];
  }

  #clear(): void {
    for (const collection of [this.#newRuns, this.#runs, this.#effects, this.#settled, this.#detached, this.#timers]) collection.clear();
    for (const list of [this.#events, this.#inbox, this.#dead, this.#undone]) list.length = 0;
  }
}
