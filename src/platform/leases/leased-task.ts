import { WaitSignal } from '../consumer/wait-signal.js';
import type { DatabaseTx } from '../database/index.js';
import type { LogWriter, Telemetry } from '../telemetry/index.js';
import { leaseLogEvents } from './lease.log-events.js';
import type { Lease, Leases } from './leases.js';

export interface LeasedTaskOptions {
  /** Name of the lease. */
  readonly name: string;
  /** Names this running worker among all instances. */
  readonly holder: string;
  /** Pause after a turn that found nothing more to do. */
  readonly everyMs: number;
  /** Default 15 s. */
  readonly leaseMs?: number;
}

/** Makes sure that a transaction of the task commits only while its lease is held. */
export type Guard = (tx: DatabaseTx) => Promise<void>;

const LEASE_MS = 15_000;

/**
 * Work that one instance at a time looks for again and again, such as what has become due: a turn each `everyMs`, the next
 * one at once while a turn gives true. What was due while nobody ran is found by the first turn.
 */
export class LeasedTask {
  readonly #log: LogWriter<typeof leaseLogEvents>;
  readonly #wake = new WaitSignal();
  #finished: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(
    private readonly parts: { readonly leases: Leases; readonly telemetry: Telemetry },
    private readonly turn: (guard: Guard) => Promise<boolean>,
    private readonly options: LeasedTaskOptions,
  ) {
    this.#log = parts.telemetry.log(leaseLogEvents);
  }

  start(): void {
    this.#stopping = false;
    this.#finished = this.#run();
  }

  /** Finishes the turn in hand, gives the lease back and ends. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.notify();
    await this.#finished;
  }

  /** There may be something to do: do not wait for the next turn. */
  notify(): void {
    this.#wake.raise();
  }

  async #run(): Promise<void> {
    const { name, holder, everyMs, leaseMs = LEASE_MS } = this.options;
    let lease: Lease | undefined;
    while (!this.#stopping) {
      let more = false;
      try {
        lease = await this.parts.leases.acquire(name, holder, leaseMs);
        const held = lease;
        if (held) more = await this.turn((tx) => this.parts.leases.assertHeld(tx, held));
      } catch (error) {
        this.#log('platform.leased_task_failed', { task: name, error });
      }
      if (!more && !this.#stopping) await this.#wake.wait(everyMs);
    }
    if (lease) await this.parts.leases.release(lease).catch(() => undefined);
  }
}
