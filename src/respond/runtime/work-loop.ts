import { WaitSignal, type LogWriter } from '../../platform/index.js';
import type { respondLogEvents } from '../respond.log-events.js';

/** A round of work again and again: at once while there is more, when told, and every so often, since nobody can be sure to be told. */
export class WorkLoop {
  readonly #signal = new WaitSignal();
  #stopping = false;
  #ended: Promise<void> = Promise.resolve();
  #alarm: NodeJS.Timeout | undefined;

  constructor(
    private readonly name: string,
    private readonly pollMs: number,
    /** Gives whether there may be more at once. */
    private readonly round: () => Promise<boolean>,
    private readonly log: LogWriter<typeof respondLogEvents>,
  ) {}

  start(): void {
    this.#stopping = false;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#alarm);
    this.#signal.raise();
    await this.#ended;
  }

  notify(): void {
    this.#signal.raise();
  }

  /** A round after this many milliseconds, where the next one would come later. */
  notifyIn(milliseconds: number): void {
    if (milliseconds >= this.pollMs) return;
    clearTimeout(this.#alarm);
    this.#alarm = setTimeout(() => this.#signal.raise(), Math.max(0, milliseconds) + 1);
    this.#alarm.unref();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      let more = false;
      try {
        more = await this.round();
      } catch (error) {
        if (!this.#stopping) this.log('respond.worker_failed', { worker: this.name, error });
      }
      if (!more && !this.#stopping) await this.#signal.wait(this.pollMs);
    }
  }
}
