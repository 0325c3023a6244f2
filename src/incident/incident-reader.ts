import type { JsonObject, Level } from '../kernel/index.js';
import { encodePageMark, type Database } from '../platform/index.js';
import { incidentErrors } from './incident.errors.js';
import { fromIncidentRow, type IncidentRow } from './incident-row.js';
import type { Incident } from './incident.js';
import type { IncidentQuery } from './incident.schema.js';
import { LIST_INCIDENTS, READ_INCIDENT, READ_INCIDENT_SIGNALS, READ_TIMELINE } from './sql.js';

export interface IncidentSignalRow {
  signal_id: string;
  episode: number;
  rule_id: string;
  title: string;
  level: Level;
  first_at: Date;
  last_at: Date;
  added_at: Date;
}

/** One fact of an incident, or of one that was merged into it. */
export interface TimelineRow {
  position: number;
  type: string;
  at: Date;
  body: JsonObject;
}

export interface IncidentDetail {
  readonly incident: Incident;
  readonly signals: readonly IncidentSignalRow[];
  readonly timeline: readonly TimelineRow[];
}

const MAX_SIGNALS = 1_000;
const MAX_TIMELINE = 1_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Read model of incidents, newest opening first. The timeline is a projection of the fact log. */
export class IncidentReader {
  constructor(private readonly database: Database) {}

  /** One page and the mark of the next one, absent on the last page. */
  async list({ status, entity, minRisk, after, limit }: IncidentQuery): Promise<{ incidents: Incident[]; next: string | undefined }> {
    const params = [status ?? null, entity?.type ?? null, entity?.key ?? null, minRisk, after?.at ?? null, after?.id ?? null, limit + 1];
    const rows = await this.database.query<IncidentRow>(LIST_INCIDENTS, params);
    const incidents = rows.slice(0, limit).map(fromIncidentRow);
    const last = rows.length > limit ? incidents.at(-1) : undefined;
    return { incidents, next: last && encodePageMark({ at: last.openedAt, id: last.id }) };
  }

  /** @throws CordonError `incident.unknown` */
  async read(id: string): Promise<IncidentDetail> {
    const [row] = UUID.test(id) ? await this.database.query<IncidentRow>(READ_INCIDENT, [id]) : [];
    if (!row) throw incidentErrors.create('incident.unknown', { field: 'id' });
    const signals = await this.database.query<IncidentSignalRow>(READ_INCIDENT_SIGNALS, [row.id, MAX_SIGNALS]);
    const timeline = await this.database.query<TimelineRow>(READ_TIMELINE, [row.id, 0, MAX_TIMELINE]);
    return { incident: fromIncidentRow(row), signals, timeline };
  }
}
