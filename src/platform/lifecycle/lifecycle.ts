import type { LogWriter } from '../telemetry/index.js';
import type { lifecycleLogEvents } from './lifecycle.log-events.js';

/** Start runs through the phases in this order, stop in the reverse one; HTTP is opened after the last and closed before the first. */
export const PHASES = ['database', 'maintenance', 'workers', 'intake'] as const;
export type Phase = (typeof PHASES)[number];

export interface Component {
  readonly name: string;
  readonly phase: Phase;
  start?(): Promise<void> | void;
  /** Finishes or hands back what is in flight. A failure is logged and does not keep the others from stopping. */
  stop?(): Promise<void> | void;
}

/**
 * The one list of what starts and stops, and when. Nest's own hooks give no order between modules, and a drain needs one:
 * first no new requests, then nothing queued, then no worker, then no connection.
 */
export class Lifecycle {
  readonly #components: Component[] = [];
  readonly #started: Component[] = [];

  constructor(private readonly log: LogWriter<typeof lifecycleLogEvents>) {}

  register(component: Component): void {
    this.#components.push(component);
  }

  async start(): Promise<void> {
    for (const phase of PHASES) {
      for (const component of this.#components.filter((candidate) => candidate.phase === phase)) {
        this.#started.push(component);
        await component.start?.();
      }
    }
  }

  async stop(): Promise<void> {
    for (let component = this.#started.pop(); component; component = this.#started.pop()) {
      try {
        await component.stop?.();
      } catch (error) {
        this.log('lifecycle.stop_failed', { component: component.name, error });
      }
    }
  }
}
