import { randomInt } from 'node:crypto';
import type { Database, Session } from '../database/index.js';
import { BEACON_CLASS, LIGHT_BEACON } from './sql.js';

const HIGHEST_KEY = 0x7fffffff;
const RELIGHT_MS = 1_000;

/**
 * A session lock that this process holds while it lives. When the process is killed, its connection and the lock are gone
 * at once, and others need not wait for its leases to end. If only the connection breaks, others may take the leases
 * early; the fences keep that safe.
 */
export class InstanceBeacon {
  #key: number | undefined;
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(private readonly database: Database) {}

  /** Key of the held lock; undefined while none is held. */
  get key(): number | undefined {
    return this.#key;
  }

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#light();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#key = undefined;
    this.#session?.close();
    this.#session = undefined;
  }

  async #light(): Promise<void> {
    const session = await this.database.openSession(() => this.#lost());
    const key = randomInt(HIGHEST_KEY);
    try {
      const [row] = await session.query<{ lit: boolean }>(LIGHT_BEACON, [BEACON_CLASS, key]);
      if (!row?.lit) throw new Error('another instance has this beacon');
    } catch (error) {
      session.close();
      throw error;
    }
    if (this.#stopped) return session.close();
    this.#session = session;
    this.#key = key;
  }

  #lost(): void {
    this.#key = undefined;
    this.#session = undefined;
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#light().catch(() => this.#lost());
    }, RELIGHT_MS);
    this.#timer.unref();
  }
}
