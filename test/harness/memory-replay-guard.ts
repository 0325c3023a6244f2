import type { Clock } from '../../src/kernel/index.js';
import type { ReplayGuard } from '../../src/intake/index.js';

interface Binding {
  readonly delivery: string;
  readonly expires: number;
}

/** Guard of one process, for tests; the server keeps signatures in the database. */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #bindings = new Map<string, Binding>();

  constructor(private readonly clock: Clock) {}

  async bind(signature: Buffer, delivery: string, expires: Date): Promise<boolean> {
    const key = signature.toString('hex');
    const known = this.#bindings.get(key);
    if (known !== undefined && known.expires >= this.clock.now().getTime()) return known.delivery === delivery;
    this.#bindings.set(key, { delivery, expires: expires.getTime() });
    return true;
  }
}
