/** A clock of a breach case as facts carry it. A type, not an interface, so that it counts as JSON. */
export type BreachClock = {
  regime: string;
  duty: string;
  title: string;
  outcome: 'required' | 'not_required' | 'needs_decision';
  /** Strict planning limit, ISO 8601; null where the law gives no number or no event is known. */
  due: string | null;
  /** Later limit that the regime itself grants, ISO 8601. */
  latest: string | null;
  rule: string;
};

type About = { incidentId: string; episode: number; caseId: string; by: string };

/** Bodies of the facts that the breach module states. */
export interface BreachFactBodies {
  'breach.opened': About & { clocks: BreachClock[] };
  'breach.event_recorded': About & { kind: string; at: string; basis: 'recorded' | 'provisional'; why: string; clocks: BreachClock[] };
  'breach.finding_recorded': About & { name: string; value: string; why: string; clocks: BreachClock[] };
  'breach.closed': About & { decision: 'notified' | 'not_notifiable'; reason: string };
  'breach.regime_enabled': { regime: string; version: string; by: string; reason: string };
  'breach.regime_disabled': { regime: string; version: string; by: string; reason: string };
}
