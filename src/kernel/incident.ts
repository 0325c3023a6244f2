import type { EntityType } from './entity.js';
import type { Level } from './signal.js';

export const INCIDENT_STATUSES = ['open', 'triaged', 'contained', 'closed', 'merged'] as const;
/** `merged`: it went into another incident and stays only as its history. */
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

export const VERDICTS = ['true_positive', 'false_positive'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Whom an incident is about. `rule`: its signals name nobody, so it collects one rule's. */
export type SubjectType = EntityType | 'rule';

/** An incident as facts carry it: what a playbook's conditions can ask of it. Types, not interfaces, so that they count as JSON. */
export type IncidentSnapshot = {
  id: string;
  /** 1 for the first opening, one more with each re-opening. */
  episode: number;
  status: IncidentStatus;
  title: string;
  /** Highest level of its signals. */
  level: Level;
  /** 0 to 100, the sum of its parts. */
  risk: number;
  tags: string[];
  subject: { type: SubjectType; id: string; accounts: string[] };
  /** Event time of the first and the last contributing event, ISO 8601. */
  first: string;
  last: string;
  signalCount: number;
  rules: string[];
  sources: string[];
  assignee: string | null;
  verdict: Verdict | null;
};

type About = { incidentId: string; episode: number; incident: IncidentSnapshot };
/** Actor of the change: `key:<id>` or `system:<component>`. */
type By = { by: string };

/** Bodies of the facts that the incident module states, and of the one by which containment reaches it. */
export interface IncidentFactBodies {
  'incident.opened': About & { signalIds: string[] };
  'incident.updated': About & { signalIds: string[] };
  'incident.merged': About & By & { into: string; intoEpisode: number; reason: string };
  'incident.reopened': About & By & { signalIds: string[]; reason: string };
  'incident.triaged': About & By & { note: string };
  'incident.contained': About & By & { residualAccessUntil: string | null };
  'incident.closed': About & By & { verdict: Verdict; reason: string };
  'incident.commented': About & By & { text: string };
  'incident.assigned': About & By & { assignee: string | null };
  /** Stated by whoever verified that the subject of an incident can do no more; the incident becomes `contained`. */
  'containment.verified': { incidentId: string; episode: number; residualAccessUntil: string | null } & By;
}
