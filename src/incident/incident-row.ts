import type { IncidentStatus, Level, Verdict } from '../kernel/index.js';
import type { Incident, IncidentEntity } from './incident.js';
import type { Grounds, RiskPart } from './risk.js';

/** A row of table `incident`, with its rows of `incident_entity`, as the driver gives it. */
export interface IncidentRow {
  id: string;
  status: IncidentStatus;
  episode: number;
  title: string;
  level: Level;
  tags: string[];
  grounds: Grounds;
  risk: number;
  risk_parts: RiskPart[];
  signal_count: number;
  first_at: Date;
  last_at: Date;
  opened_at: Date;
  updated_at: Date;
  closed_at: Date | null;
  verdict: Verdict | null;
  assignee: string | null;
  merged_into: string | null;
  entities: IncidentEntity[];
}

export function toIncidentRow(incident: Incident): Omit<IncidentRow, 'entities'> {
  return {
    id: incident.id,
    status: incident.status,
    episode: incident.episode,
    title: incident.title,
    level: incident.level,
    tags: [...incident.tags],
    grounds: incident.grounds,
    risk: incident.risk,
    risk_parts: [...incident.riskParts],
    signal_count: incident.signalCount,
    first_at: incident.first,
    last_at: incident.last,
    opened_at: incident.openedAt,
    updated_at: incident.updatedAt,
    closed_at: incident.closedAt,
    verdict: incident.verdict,
    assignee: incident.assignee,
    merged_into: incident.mergedInto,
  };
}

export function fromIncidentRow(row: IncidentRow): Incident {
  return {
    id: row.id,
    status: row.status,
    episode: row.episode,
    title: row.title,
    level: row.level,
    tags: row.tags,
    grounds: row.grounds,
    risk: row.risk,
    riskParts: row.risk_parts,
    signalCount: row.signal_count,
    first: row.first_at,
    last: row.last_at,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
    closedAt: row.closed_at,
    verdict: row.verdict,
    assignee: row.assignee,
    mergedInto: row.merged_into,
    entities: row.entities,
  };
}
