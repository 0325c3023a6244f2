import { SignalReader, type StoredSignal } from '../../detect/index.js';
import { IncidentReader, type IncidentDetail, type IncidentVisibility } from '../../incident/index.js';
import { isCordonError, type Principal } from '../../kernel/index.js';
import type { Database } from '../../platform/index.js';
import type { Approval } from './approval.js';

/** What speaks for the action: the incident, and its newest signals with the terms that fired. */
export interface Evidence {
  readonly incident: IncidentDetail['incident'];
  readonly signals: readonly StoredSignal[];
  readonly signalCount: number;
}

const MOST_SIGNALS = 10;

/** Reads what the page of an approval shows of its incident. */
export class EvidenceReader {
  readonly #incidents: IncidentReader;
  readonly #signals: SignalReader;

  constructor(
    database: Database,
    private readonly visibility: IncidentVisibility,
  ) {
    this.#incidents = new IncidentReader(database);
    this.#signals = new SignalReader(database);
  }

  /** Undefined for an approval without incident, and where the incident is gone or the caller must not know of it. */
  async of({ incidentId }: Approval, caller: Pick<Principal, 'person'>): Promise<Evidence | undefined> {
    if (incidentId === null) return undefined;
    try {
      const { incident, signals } = await this.#incidents.read(incidentId, await this.visibility.of(caller));
      const newest = await Promise.all(signals.slice(-MOST_SIGNALS).map(async ({ signal_id: id }) => this.#signal(id)));
      return { incident, signals: newest.filter((signal) => signal !== undefined).reverse(), signalCount: signals.length };
    } catch (error) {
      if (isCordonError(error, 'incident.unknown')) return undefined;
      throw error;
    }
  }

  async #signal(id: string): Promise<StoredSignal | undefined> {
    try {
      return (await this.#signals.read(id)).signal;
    } catch (error) {
      if (isCordonError(error, 'detect.signal_unknown')) return undefined;
      throw error;
    }
  }
}
