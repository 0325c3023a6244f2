import type { LogWriter } from '../telemetry/index.js';
import { type healthLogEvents } from './health.log-events.js';

export interface ComponentState {
  readonly name: string;
  readonly ready: boolean;
}

/** A component's own view of whether it can work now; rejects where it cannot. */
export type ReadinessCheck = () => Promise<void> | void;

const CHECK_LIMIT_MS = 2_000;

/**
 * What must work before traffic is sent here. Components register a check that does in small what their real work does;
 * a check that does not answer in 2 s counts as not ready.
 */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>();
  readonly #failing = new Set<string>();
  #draining = false;

  constructor(private readonly log: LogWriter<typeof healthLogEvents>) {}

  register(name: string, check: ReadinessCheck): void {
    this.#checks.set(name, check);
  }

  /** From now on not ready: the server finishes what it has and takes no more. */
  drain(): void {
    this.#draining = true;
  }

  async state(): Promise<{ ready: boolean; components: ComponentState[] }> {
    const components = await Promise.all([...this.#checks].map(async ([name, check]) => ({ name, ready: await this.#passes(name, check) })));
    return { ready: !this.#draining && components.every(({ ready }) => ready), components };
  }

  async #passes(name: string, check: ReadinessCheck): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
    });
    try {
      await Promise.race([Promise.resolve().then(check), limit]);
      if (this.#failing.delete(name)) this.log('health.component_recovered', { component: name });
      return true;
    } catch (error) {
      // said once when it turns, not at every probe
      if (!this.#failing.has(name)) this.log('health.component_not_ready', { component: name, error });
      this.#failing.add(name);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }
}
