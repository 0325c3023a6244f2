import { uuidv7, type Tx } from '../kernel/index.js';
import type { PageMark } from '../platform/index.js';
import type { BreachCase, Decision } from './breach-case.js';
import type { RecordedEvent, RecordedFinding } from './engine/case-record.js';
import type { ClockEvent } from './engine/regime.js';
import { CLOSE_CASE, INSERT_CASE, INSERT_EVENT, INSERT_FINDING, LIST_CASES, LOCK_CASE, READ_CASE, READ_CASE_OF } from './sql.js';

interface Queries {
  query<Row>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

interface CaseRow {
  id: string;
  incident_id: string;
  episode: number;
  opened_at: Date;
  opened_by: string;
  closed_at: Date | null;
  decision: Decision | null;
  close_reason: string | null;
  events: { kind: ClockEvent; at: string; basis: 'recorded' | 'provisional'; why: string; recorded_at: string; recorded_by: string }[];
  findings: { name: string; value: string; why: string; recorded_at: string; recorded_by: string }[];
}

export interface CasePage {
  readonly open: boolean | undefined;
  readonly after: PageMark | undefined;
  readonly limit: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Cases in the database. Writes are made in a caller's transaction. */
export class CaseStore {
  /** Undefined where the episode has a case already. */
  async insert(tx: Tx, incidentId: string, episode: number, by: string): Promise<string | undefined> {
    const [row] = await tx.query<{ id: string }>(INSERT_CASE, [uuidv7(tx.now.getTime()), incidentId, episode, tx.now, by]);
    return row?.id;
  }

  async addEvent(tx: Tx, caseId: string, { kind, at, basis, why, recordedBy }: Omit<RecordedEvent, 'recordedAt'>): Promise<void> {
    await tx.query(INSERT_EVENT, [uuidv7(tx.now.getTime()), caseId, kind, at, basis, why, tx.now, recordedBy]);
  }

  async addFinding(tx: Tx, caseId: string, { name, value, why, recordedBy }: Omit<RecordedFinding, 'recordedAt'>): Promise<void> {
    await tx.query(INSERT_FINDING, [uuidv7(tx.now.getTime()), caseId, name, value, why, tx.now, recordedBy]);
  }

  async close(tx: Tx, caseId: string, decision: Decision, reason: string): Promise<void> {
    await tx.query(CLOSE_CASE, [caseId, tx.now, decision, reason]);
  }

  async find(queries: Queries, id: string): Promise<BreachCase | undefined> {
    const [row] = UUID.test(id) ? await queries.query<CaseRow>(READ_CASE, [id]) : [];
    return row && fromRow(row);
  }

  /** As {@link find}; until the end of the transaction nobody else changes the case. */
  async lock(tx: Tx, id: string): Promise<BreachCase | undefined> {
    if (UUID.test(id)) await tx.query(LOCK_CASE, [id]);
    return this.find(tx, id);
  }

  async ofEpisode(queries: Queries, incidentId: string, episode: number): Promise<BreachCase | undefined> {
    const [row] = await queries.query<CaseRow>(READ_CASE_OF, [incidentId, episode]);
    return row && fromRow(row);
  }

  /** The newest first. */
  async list(queries: Queries, { open, after, limit }: CasePage): Promise<BreachCase[]> {
    return (await queries.query<CaseRow>(LIST_CASES, [open ?? null, after?.at ?? null, after?.id ?? null, limit])).map(fromRow);
  }
}

function fromRow(row: CaseRow): BreachCase {
  const { closed_at: at, decision, close_reason: reason } = row;
  return {
    id: row.id,
    incidentId: row.incident_id,
    episode: row.episode,
    openedAt: row.opened_at,
    openedBy: row.opened_by,
    closed: at && decision && reason !== null ? { at, decision, reason } : null,
    events: row.events.map((event) => ({ kind: event.kind, at: new Date(event.at), basis: event.basis, why: event.why, recordedAt: new Date(event.recorded_at), recordedBy: event.recorded_by })),
    findings: row.findings.map((finding) => ({ name: finding.name, value: finding.value, why: finding.why, recordedAt: new Date(finding.recorded_at), recordedBy: finding.recorded_by })),
  };
}
