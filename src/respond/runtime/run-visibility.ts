import { entityKey, ENTITY_TYPES, type EntityRef, type EntityType, type IncidentSnapshot, type Principal } from '../../kernel/index.js';
import type { IncidentEntity, IncidentReader, IncidentVisibility } from '../../incident/index.js';
import type { Database } from '../../platform/index.js';
import { ABOUT_RUNS } from './read-sql.js';

/** Of some runs those that a caller may know of. */
export type SeesRuns = (runIds: readonly string[]) => Promise<ReadonlySet<string>>;

interface AboutRow {
  id: string;
  incident_id: string | null;
  subject: IncidentSnapshot['subject'] | null;
  acted_on: string[];
}

const isEntityType = (type: string): type is EntityType => (ENTITY_TYPES as readonly string[]).includes(type);
const subject = ({ type, value }: EntityRef): IncidentEntity => ({ type, key: entityKey({ type, value }), value, subject: true });

/**
 * Whether a caller may know of a run: not where the caller, or somebody above the caller, is a subject of its incident or
 * someone whom one of its effects acts on. Who could read the run could also take back what it did to them.
 */
export class RunVisibility {
  constructor(
    private readonly database: Database,
    private readonly visibility: IncidentVisibility,
    private readonly incidents: IncidentReader,
  ) {}

  /** For the runs of one request. */
  async of(caller: Pick<Principal, 'person'>): Promise<SeesRuns> {
    if (caller.person === null) return async (ids) => new Set(ids);
    const sees = await this.visibility.of(caller);
    return async (ids) => {
      const rows = await this.database.query<AboutRow>(ABOUT_RUNS, [ids]);
      const subjects = await this.incidents.subjectsOf(rows.flatMap(({ incident_id: id }) => (id === null ? [] : [id])));
      const seen = new Set<string>();
      for (const row of rows) {
        const entities = [...(subjects.get(row.incident_id ?? '') ?? []), ...namedIn(row)];
        if (await sees({ entities })) seen.add(row.id);
      }
      return seen;
    };
  }
}

function namedIn({ subject: about, acted_on: actedOn }: AboutRow): IncidentEntity[] {
  const first = about && isEntityType(about.type) ? [subject({ type: about.type, value: about.id })] : [];
  const accounts = (about?.accounts ?? []).map((value) => subject({ type: 'account', value }));
  return [...first, ...accounts, ...actedOn.flatMap(readKey)];
}

/** `<type>:<key>` of an effect. */
function readKey(text: string): IncidentEntity[] {
  const colon = text.indexOf(':');
  const type = text.slice(0, colon);
  return isEntityType(type) ? [subject({ type, value: text.slice(colon + 1) })] : [];
}
