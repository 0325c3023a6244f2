import type { Clock } from '../kernel/index.js';
import type { ReplayGuard, Sighting } from './replay-guard.js';

interface Binding {
  readonly delivery: string;
  readonly expires: number;
}

const SWEEP_EVERY = 1024;

/** Guard of one process, for tests and for the command line; the server keeps signatures in the database. */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #bindings = new Map<string, Binding>();
  #untilSweep = SWEEP_EVERY;

  constructor(private readonly clock: Clock) {}

  async sight(signature: Buffer, delivery: string, expires: Date): Promise<Sighting> {
    this.sweep();
    const key = signature.toString('base64');
    const known = this.#bindings.get(key);
    if (known === undefined || known.expires < this.clock.now().getTime()) {
      this.#bindings.set(key, { delivery, expires: expires.getTime() });
      return 'first';
    }
    return known.delivery === delivery ? 'retry' : 'replay';
  }

  private sweep(): void {
    this.#untilSweep -= 1;
    if (this.#untilSweep > 0) return;
    this.#untilSweep = SWEEP_EVERY;
    const now = this.clock.now().getTime();
    for (const [key, { expires }] of this.#bindings) if (expires < now) this.#bindings.delete(key);
  }
}
