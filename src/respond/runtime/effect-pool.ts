import type { Clock, ExternalAction } from '../../kernel/index.js';
import { crashPoint, toJson, type Database } from '../../platform/index.js';
import { givenUp, settlementOf, type AttemptResult } from './attempt.js';
import { callAction, type Break } from './call-action.js';
import type { Claimed, Claimer } from './claimer.js';
import type { Effect } from './effect.js';
import { RENEW_LEASES, RETRY_EFFECT } from './effect-sql.js';
import type { Final } from './outcome.js';
import { StaleEffects } from './step-changes.js';
import type { Slots, StepParts } from './step-parts.js';
import { mayPass, type Stepper } from './stepper.js';

interface Call {
  readonly effect: Effect;
  readonly controller: AbortController;
  why: Break | undefined;
  /** Whether an earlier attempt may have changed something at the target. */
  readonly touched: boolean;
}

export interface EffectPoolOptions {
  readonly concurrency: number;
  readonly leaseMs: number;
  /** How long a stop waits for calls before it breaks them off. */
  readonly drainMs: number;
}

const LONGEST_TIMER_MS = 0x7fffffff;
const TELL_AGAIN_MS = 500;
const LONGEST_TELL_AGAIN_MS = 5_000;

/** The places in which this process calls actions. */
export class PoolSlots implements Slots {
  #taken = 0;
  open = false;

  constructor(private readonly capacity: number) {}

  get free(): number {
    return this.open ? this.capacity - this.#taken : 0;
  }

  reserve(): boolean {
    if (this.free <= 0) return false;
    this.#taken += 1;
    return true;
  }

  release(): void {
    this.#taken -= 1;
  }
}

/** Calls the actions of leased effects and has what came of it settled. Each call holds a place that was reserved before. */
export class EffectPool {
  readonly #calls = new Map<string, Call>();
  #beat: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];
  /** Whether the last claim left something for want of places. */
  #more = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly parts: StepParts,
    private readonly stepper: () => Stepper,
    private readonly claimer: Claimer,
    private readonly slots: PoolSlots,
    private readonly options: EffectPoolOptions,
    /** Told when a place is free for what was left, and when a retry is due. */
    private readonly wake: (at?: Date) => void,
  ) {}

  start(): void {
    this.slots.open = true;
    this.#beat = setInterval(() => void this.#renew().catch((error: unknown) => this.parts.log('respond.worker_failed', { worker: 'leases', error })), this.options.leaseMs / 3);
  }

  /** Takes nothing new and waits for what is under way; what takes too long is broken off and left to its lease. */
  async stop(): Promise<void> {
    this.slots.open = false;
    const timer = setTimeout(() => {
      for (const id of this.#calls.keys()) this.#breakOff(id, 'stop');
    }, this.options.drainMs);
    if (this.#calls.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    clearTimeout(timer);
    clearInterval(this.#beat);
  }

  /** Calls effects whose places are reserved. */
  call(effects: readonly Effect[]): void {
    for (const effect of effects) void this.#run({ effect, final: undefined, touched: false });
  }

  /** Breaks off the calls of effects whose state was left. */
  giveUp(effectIds: readonly string[]): void {
    for (const id of effectIds) this.#breakOff(id, 'left');
  }

  /** Claims as many effects as there are places. Gives their number. */
  async claim(): Promise<number> {
    let count = 0;
    this.#more = this.slots.free === 0;
    for (const destructive of [true, false]) {
      for (let free = this.slots.free; free > 0; free = this.slots.free) {
        const limit = destructive ? 1 : Math.min(free, 64);
        for (let place = 0; place < limit; place += 1) this.slots.reserve();
        const claimed = await this.#claim(limit, destructive);
        for (let place = claimed.length; place < limit; place += 1) this.slots.release();
        for (const one of claimed) void this.#run(one);
        count += claimed.length;
        if (claimed.length < limit) break;
        this.#more = this.slots.free === 0;
      }
    }
    return count;
  }

  async #claim(limit: number, destructive: boolean): Promise<Claimed[]> {
    try {
      return await this.claimer.claim(limit, destructive);
    } catch (error) {
      for (let place = 0; place < limit; place += 1) this.slots.release();
      throw error;
    }
  }

  async #run({ effect, final, touched }: Claimed): Promise<void> {
    const call: Call = { effect, controller: new AbortController(), why: undefined, touched };
    this.#calls.set(effect.id, call);
    try {
      const result = final ? undefined : await this.#call(call);
      await this.#told(() => (result ? this.#conclude(call, result) : this.#settle(effect, final as Final)));
    } catch (error) {
      if (error instanceof StaleEffects) this.parts.metrics.cordon_respond_stale_total.inc();
      else this.parts.log('respond.settle_failed', { effect: effect.id, run: effect.runId, error });
    } finally {
      if (this.#calls.get(effect.id) === call) this.#calls.delete(effect.id);
      this.slots.release();
      if (this.#calls.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
      if (this.#more) this.wake();
    }
  }

  async #call(call: Call): Promise<AttemptResult> {
    const { effect, controller } = call;
    const action = this.parts.actions.find(effect.action) as ExternalAction;
    let veto: string | undefined;
    try {
      veto = await this.parts.governor.veto({ action, isUndo: effect.kind === 'undo' });
    } catch (error) {
      return { kind: 'put-off', message: `whether a kill switch is on could not be read: ${error instanceof Error ? error.message : String(error)}` };
    }
    if (veto !== undefined) return { kind: 'failed', code: 'GOVERNOR_REFUSED', message: veto, retryable: false, notSent: true };
    if (call.why === 'left') return { kind: 'failed', code: 'CANCELLED', message: 'the run left the state that asked for it', retryable: false, notSent: true };
    const now = this.clock.now();
    const left = effect.deadline ? Math.max(0, effect.deadline.getTime() - now.getTime()) : LONGEST_TIMER_MS;
    const timer = setTimeout(() => this.#breakOff(effect.id, 'timeout'), Math.min(left, LONGEST_TIMER_MS));
    crashPoint('effect.before_call');
    try {
      return await callAction(action, { input: effect.input, key: effect.id, attempt: effect.attempts, now, signal: controller.signal }, { broken: () => call.why, touched: call.touched });
    } finally {
      clearTimeout(timer);
    }
  }

  /** What came of a call is worth more than the place it holds: it is told until the database takes it. */
  async #told(tell: () => Promise<void>): Promise<void> {
    for (let pause = TELL_AGAIN_MS; ; pause = Math.min(2 * pause, LONGEST_TELL_AGAIN_MS)) {
      try {
        return await tell();
      } catch (error) {
        if (!this.slots.open || !mayPass(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async #conclude({ effect, touched }: Call, result: AttemptResult): Promise<void> {
    const now = this.clock.now();
    const settlement = settlementOf(effect, result, now, touched);
    if (settlement.status !== 'retry') return this.#settle(effect, settlement);
    const failures = effect.failures + (settlement.counts ? 1 : 0);
    const rows = await this.database.prepared(RETRY_EFFECT.name, RETRY_EFFECT.text, [
      effect.id, effect.fence, settlement.at, failures, now, settlement.why, effect.attempts, settlement.touched ? 'retry' : 'no_effect', settlement.afresh,
      settlement.output && toJson(settlement.output), settlement.undoInput && toJson(settlement.undoInput),
    ]);
    // Its state was left, which the run has to hear, or someone else holds it, which the settlement finds out.
    if (rows.length === 0) return this.#settle(effect, givenUp(effect, settlement, touched));
    this.parts.metrics.cordon_respond_retries_total.inc({ action: effect.action });
    this.wake(settlement.at);
  }

  async #settle(effect: Effect, final: Final): Promise<void> {
    crashPoint('effect.before_settle');
    await this.stepper().submit({ kind: 'settle', runId: effect.runId, effect, final });
  }

  #breakOff(effectId: string, why: Break): void {
    const call = this.#calls.get(effectId);
    if (!call || call.why) return;
    call.why = why;
    call.controller.abort();
  }

  /** Prolongs the leases of all calls in one statement, and hears of those whose state was left on another instance. */
  async #renew(): Promise<void> {
    if (this.#calls.size === 0) return;
    const held = [...this.#calls.values()].map(({ effect: { id, fence } }) => ({ id, fence }));
    const until = new Date((await this.database.now()).getTime() + this.options.leaseMs);
    for (const { id, detached } of await this.database.prepared<{ id: string; detached: boolean }>(RENEW_LEASES.name, RENEW_LEASES.text, [toJson(held), until])) {
      if (detached) this.#breakOff(id, 'left');
    }
  }
}
