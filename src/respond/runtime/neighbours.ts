import type { Database, Session } from '../../platform/index.js';
import { NOTIFY, WORK_CHANNEL } from './sql.js';

/** A NOTIFY in each transaction would halve the throughput: they all wait for one lock. So one statement for all of this time. */
const AT_MOST_EVERY_MS = 50;
const AGAIN_MS = 1_000;

/** Tells the other instances of work that is left to them, and hears of theirs. It only shortens waits: everyone looks by themselves too. */
export class Neighbours {
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  #listening: NodeJS.Timeout | undefined;
  #last = 0;
  #stopped = true;

  constructor(
    private readonly database: Database,
    private readonly onWork: () => void,
  ) {}

  async start(): Promise<void> {
    this.#stopped = false;
    await this.#listen();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#listening);
    this.#session?.close();
    this.#session = undefined;
  }

  /** There is work that another instance may take. */
  tell(): void {
    if (this.#timer || this.#stopped) return;
    const wait = Math.max(0, this.#last + AT_MOST_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#last = performance.now();
      if (!this.#stopped) this.database.query(NOTIFY, [WORK_CHANNEL]).catch(() => undefined);
    }, wait);
  }

  async #listen(): Promise<void> {
    const session = await this.database.openSession(() => this.#again(), () => this.onWork());
    try {
      await session.query(`LISTEN ${WORK_CHANNEL}`, []);
    } catch (error) {
      session.close();
      throw error;
    }
    if (this.#stopped) return session.close();
    this.#session = session;
  }

  #again(): void {
    this.#session = undefined;
    if (this.#stopped) return;
    this.#listening = setTimeout(() => void this.#listen().catch(() => this.#again()), AGAIN_MS);
    this.#listening.unref();
  }
}
