import type { JsonObject, Level, Tx } from '../kernel/index.js';
import { encodePageMark, type Database, type PageMark } from '../platform/index.js';
import { incidentErrors } from './incident.errors.js';
import { fromIncidentRow, type IncidentRow } from './incident-row.js';
import type { Incident, IncidentEntity } from './incident.js';
import type { IncidentQuery } from './incident.schema.js';
import type { Sees } from './incident-visibility.js';
import { LIST_INCIDENTS, READ_INCIDENT, READ_INCIDENT_SIGNALS, READ_TIMELINE, SUBJECTS_OF_INCIDENTS } from './sql.js';

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
const EVERYTHING: Sees = async () => true;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Read model of incidents, newest opening first. The timeline is a projection of the fact log. */
export class IncidentReader {
  constructor(private readonly database: Database) {}

  /** One page of what the caller sees, of whole size however much is left out on the way, and the mark of the next one, absent on the last page. */
  async list(query: IncidentQuery, sees: Sees = EVERYTHING): Promise<{ incidents: Incident[]; next: string | undefined }> {
    const incidents: Incident[] = [];
    let { after } = query;
    for (;;) {
      const found = await this.#page(query, after);
      for (const incident of found) {
        if (!(await sees(incident))) continue;
        const last = incidents.at(-1);
        if (last && incidents.length === query.limit) return { incidents, next: encodePageMark(markOf(last)) };
        incidents.push(incident);
      }
      const last = found.at(-1);
      if (!last || found.length <= query.limit) return { incidents, next: undefined };
      after = markOf(last);
    }
  }

  /** @throws CordonError `incident.unknown`, also for what the caller must not know of */
  async require(id: string, sees: Sees): Promise<Incident> {
    const [row] = UUID.test(id) ? await this.database.query<IncidentRow>(READ_INCIDENT, [id]) : [];
    const incident = row && fromIncidentRow(row);
    if (!incident || !(await sees(incident))) throw incidentErrors.create('incident.unknown', { field: 'id' });
    return incident;
  }

  /** @throws CordonError `incident.unknown`, as {@link require} */
  async read(id: string, sees: Sees = EVERYTHING): Promise<IncidentDetail> {
    const incident = await this.require(id, sees);
    const signals = await this.database.query<IncidentSignalRow>(READ_INCIDENT_SIGNALS, [incident.id, MAX_SIGNALS]);
    const timeline = await this.database.query<TimelineRow>(READ_TIMELINE, [incident.id, 0, MAX_TIMELINE]);
    return { incident, signals, timeline };
  }

  /** Whom incidents are about now, by incident; also whom those are about that they were merged into. */
  async subjectsOf(ids: readonly string[], queries: Pick<Tx, 'query'> = this.database): Promise<ReadonlyMap<string, readonly IncidentEntity[]>> {
    const subjects = new Map<string, IncidentEntity[]>();
    if (ids.length === 0) return subjects;
    for (const { incident_id: id, ...entity } of await queries.query<IncidentEntity & { incident_id: string }>(SUBJECTS_OF_INCIDENTS, [ids])) {
      subjects.set(id, [...(subjects.get(id) ?? []), entity]);
    }
    return subjects;
  }

  /** One row more than a page has. */
  async #page({ status, entity, minRisk, limit }: IncidentQuery, after: PageMark | undefined): Promise<Incident[]> {
    const params = [status ?? null, entity?.type ?? null, entity?.key ?? null, minRisk, after?.at ?? null, after?.id ?? null, limit + 1];
    return (await this.database.query<IncidentRow>(LIST_INCIDENTS, params)).map(fromIncidentRow);
  }
}

const markOf = ({ openedAt, id }: Incident): PageMark => ({ at: openedAt, id });
