import type { IncidentStatus, Verdict } from '../kernel/index.js';
import type { Incident } from './incident.js';
import { incidentErrors } from './incident.errors.js';

export const STEPS = ['triage', 'contain', 'close', 'reopen'] as const;
export type Step = (typeof STEPS)[number];

/** From which states each step may be taken, and where it leads. `merged` is final. */
const TRANSITIONS: Readonly<Record<Step, { readonly from: readonly IncidentStatus[]; readonly to: IncidentStatus }>> = {
  triage: { from: ['open'], to: 'triaged' },
  contain: { from: ['open', 'triaged'], to: 'contained' },
  close: { from: ['open', 'triaged', 'contained'], to: 'closed' },
  reopen: { from: ['closed'], to: 'open' },
};

export const isAllowed = (status: IncidentStatus, step: Step): boolean => TRANSITIONS[step].from.includes(status);

/** @throws CordonError `incident.merged` or `incident.step_refused` */
function moved(incident: Incident, step: Step, now: Date): Incident {
  requireUnmerged(incident);
  const { from, to } = TRANSITIONS[step];
  if (!from.includes(incident.status)) {
    throw incidentErrors.create('incident.step_refused', { detail: `${step} needs an incident that is ${from.join(' or ')}; this one is ${incident.status}`, extra: { status: incident.status } });
  }
  return { ...incident, status: to, updatedAt: now };
}

export function requireUnmerged({ status, mergedInto }: Incident): void {
  if (status === 'merged') throw incidentErrors.create('incident.merged', { detail: `it went into ${mergedInto ?? 'another one'}`, extra: { merged_into: mergedInto } });
}

export const triaged = (incident: Incident, now: Date): Incident => moved(incident, 'triage', now);
export const contained = (incident: Incident, now: Date): Incident => moved(incident, 'contain', now);
export const closed = (incident: Incident, verdict: Verdict, now: Date): Incident => ({ ...moved(incident, 'close', now), verdict, closedAt: now });
/** The next episode of a closed incident. */
export const reopened = (incident: Incident, now: Date): Incident => ({ ...moved(incident, 'reopen', now), episode: incident.episode + 1, verdict: null, closedAt: null });
