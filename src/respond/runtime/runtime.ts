import type { Clock } from '../../kernel/index.js';
import type { Database, Lease, Leases } from '../../platform/index.js';
import { Claimer } from './claimer.js';
import { EffectPool, PoolSlots } from './effect-pool.js';
import { Neighbours } from './neighbours.js';
import { RunMonitor } from './run-monitor.js';
import { DUE_TIMERS, RUNS_WITH_INBOX } from './sql.js';
import type { StepParts } from './step-parts.js';
import { Stepper } from './stepper.js';
import type { Work } from './work.js';
import { WorkLoop } from './work-loop.js';

export interface RuntimeOptions {
  /** Calls of actions at once in this process. */
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly askDeadlineMs: number;
  /** How often to look for work that nobody told of. */
  readonly pollMs: number;
  readonly drainMs: number;
}

export interface RuntimeDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly leases: Leases;
  readonly parts: Omit<StepParts, 'slots' | 'leaseMs' | 'askDeadlineMs'>;
  /** Told after commits that wrote facts. */
  readonly factsWritten: () => void;
}

const TIMER_LEASE = 'respond timers';
const TIMER_LEASE_MS = 10_000;
const TIMERS_AT_ONCE = 200;
const INBOXES_AT_ONCE = 200;
const MONITOR_MS = 60_000;

/** The workers of one instance over the runs in the database. Nothing that matters is kept in memory. */
export class Runtime {
  readonly stepper: Stepper;
  readonly monitor: RunMonitor;
  private readonly pool: EffectPool;
  private readonly neighbours: Neighbours;
  private readonly claims: WorkLoop;
  private readonly inbox: WorkLoop;
  private readonly timers: WorkLoop;
  private readonly watch: WorkLoop;
  #timerLease: Lease | undefined;
  #timersSince = -Infinity;

  constructor(
    private readonly dependencies: RuntimeDependencies,
    options: RuntimeOptions,
  ) {
    const { database, clock, factsWritten } = dependencies;
    const slots = new PoolSlots(options.concurrency);
    const parts: StepParts = { ...dependencies.parts, slots, leaseMs: options.leaseMs, askDeadlineMs: options.askDeadlineMs };
    const { log } = parts;
    const claimer = new Claimer(database, parts);
    this.stepper = new Stepper(database, parts, {
      handOver: (effects) => this.pool.call(effects),
      giveUp: (ids) => this.pool.giveUp(ids),
      workLeft: () => {
        this.#look();
        this.neighbours.tell();
      },
      factsWritten,
    });
    this.pool = new EffectPool(database, clock, parts, () => this.stepper, claimer, slots, options, (at) =>
      at ? this.claims.notifyIn(at.getTime() - clock.now().getTime()) : this.claims.notify(),
    );
    this.neighbours = new Neighbours(database, () => this.#look());
    this.monitor = new RunMonitor(database, parts);
    this.claims = new WorkLoop('effects', options.pollMs, () => this.#claim(), log);
    this.inbox = new WorkLoop('inbox', options.pollMs, () => this.#readInboxes(), log);
    this.timers = new WorkLoop('timers', Math.min(options.pollMs, 200), () => this.#fireTimers(), log);
    this.watch = new WorkLoop('monitor', MONITOR_MS, () => this.monitor.check().then(() => false), log);
  }

  async start(): Promise<void> {
    await this.neighbours.start();
    this.pool.start();
    for (const loop of [this.claims, this.inbox, this.timers, this.watch]) loop.start();
  }

  /** Takes nothing new, finishes what is under way, gives the rest back. */
  async stop(): Promise<void> {
    await Promise.all([this.claims, this.inbox, this.timers, this.watch].map((loop) => loop.stop()));
    await this.pool.stop();
    await this.stepper.settled();
    this.neighbours.stop();
    if (this.#timerLease) await this.dependencies.leases.release(this.#timerLease);
    this.#timerLease = undefined;
    this.#timersSince = -Infinity;
  }

  /** Something was put into an inbox, or left for a claim, by a transaction of this process that is committed. */
  notify(): void {
    this.#look();
    this.neighbours.tell();
  }

  #look(): void {
    this.claims.notify();
    this.inbox.notify();
  }

  async #claim(): Promise<boolean> {
    await this.pool.claim();
    return false;
  }

  async #readInboxes(): Promise<boolean> {
    const rows = await this.dependencies.database.prepared<{ run_id: string }>(RUNS_WITH_INBOX.name, RUNS_WITH_INBOX.text, [INBOXES_AT_ONCE]);
    await this.#submit(rows.map(({ run_id: runId }) => ({ kind: 'inbox', runId })));
    return rows.length === INBOXES_AT_ONCE;
  }

  /** One instance at a time looks; what keeps a timer from firing twice is its generation under the lock of its run. */
  async #fireTimers(): Promise<boolean> {
    const { database, leases, parts } = this.dependencies;
    if (performance.now() - this.#timersSince > TIMER_LEASE_MS / 3) {
      this.#timerLease = await leases.acquire(TIMER_LEASE, parts.instance, TIMER_LEASE_MS);
      this.#timersSince = performance.now();
    }
    if (!this.#timerLease) return false;
    const due = await database.prepared<{ run_id: string; timer_id: string; generation: number; due: Date }>(DUE_TIMERS.name, DUE_TIMERS.text, [await database.now(), TIMERS_AT_ONCE]);
    await this.#submit(due.map(({ run_id: runId, timer_id: timerId, generation, due: at }) => ({ kind: 'timer', runId, timerId, generation, due: at })));
    return due.length === TIMERS_AT_ONCE;
  }

  /** Each of the works counts for itself. @throws the first failure, when all are through */
  async #submit(works: readonly Work[]): Promise<void> {
    const results = await Promise.allSettled(works.map((work) => this.stepper.submit(work)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
