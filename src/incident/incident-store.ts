import type { Tx } from '../kernel/index.js';
import { toJson } from '../platform/index.js';
import { fromIncidentRow, toIncidentRow, type IncidentRow } from './incident-row.js';
import type { Incident, IncidentSignal } from './incident.js';
import { ADD_SIGNALS, INCIDENTS_OF_SUBJECTS, KNOWN_SIGNALS, LOCK_INCIDENTS, MOVE_MERGED, MOVE_SIGNALS, READ_INCIDENT, READ_INCIDENT_SIGNALS, SAVE_ENTITIES, SAVE_INCIDENTS } from './sql.js';

export interface SubjectQuery {
  /** Subjects as `<type>:<key>`. */
  readonly keys: Iterable<string>;
  readonly open: boolean;
  /** Event time that an incident must touch. */
  readonly from: Date;
  readonly to: Date;
  readonly except: readonly string[];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Incidents in the database, read and written inside a caller's transaction. */
export class IncidentStore {
  /** Until the end of the transaction nobody else changes an incident. Comes before any read on which a change rests. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(LOCK_INCIDENTS);
  }

  async knownSignals(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ signal_id: string }>(KNOWN_SIGNALS, [ids]);
    return new Set(rows.map(({ signal_id }) => signal_id));
  }

  /** Incidents that have one of the subjects, in the order of their ids. */
  async ofSubjects(tx: Tx, { keys, open, from, to, except }: SubjectQuery): Promise<Incident[]> {
    const [types, names]: [string[], string[]] = [[], []];
    for (const key of keys) {
      const colon = key.indexOf(':');
      types.push(key.slice(0, colon));
      names.push(key.slice(colon + 1));
    }
    if (types.length === 0) return [];
    const statuses = open ? ['open', 'triaged', 'contained'] : ['closed'];
    return (await tx.query<IncidentRow>(INCIDENTS_OF_SUBJECTS, [types, names, statuses, from, to, except])).map(fromIncidentRow);
  }

  async find(tx: Tx, id: string): Promise<Incident | undefined> {
    const [row] = UUID.test(id) ? await tx.query<IncidentRow>(READ_INCIDENT, [id]) : [];
    return row && fromIncidentRow(row);
  }

  /** At most `limit` of its signals, the earliest first. */
  async signalIds(tx: Tx, id: string, limit: number): Promise<string[]> {
    return (await tx.query<{ signal_id: string }>(READ_INCIDENT_SIGNALS, [id, limit])).map(({ signal_id }) => signal_id);
  }

  async save(tx: Tx, incidents: readonly Incident[]): Promise<void> {
    if (incidents.length === 0) return;
    await tx.query(SAVE_INCIDENTS, [toJson(incidents.map(toIncidentRow))]);
    const entities = incidents.flatMap(({ id, entities }) => entities.map((entity) => ({ incident_id: id, ...entity })));
    await tx.query(SAVE_ENTITIES, [toJson(entities)]);
  }

  async addSignals(tx: Tx, additions: readonly { readonly incident: Incident; readonly signals: readonly IncidentSignal[] }[]): Promise<void> {
    const rows = additions.flatMap(({ incident, signals }) =>
      signals.map((signal) => ({
        signal_id: signal.id, incident_id: incident.id, episode: incident.episode, rule_id: signal.ruleId, title: signal.title, level: signal.level,
        first_at: signal.first, last_at: signal.last, added_at: tx.now,
      })),
    );
    if (rows.length > 0) await tx.query(ADD_SIGNALS, [toJson(rows)]);
  }

  /** Lets the signals and the history of an absorbed incident follow it. */
  async moveInto(tx: Tx, absorbed: Incident, target: Incident): Promise<void> {
    await tx.query(MOVE_SIGNALS, [absorbed.id, target.id, target.episode]);
    await tx.query(MOVE_MERGED, [absorbed.id, target.id]);
  }
}
