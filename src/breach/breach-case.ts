import type { BreachClock } from '../kernel/index.js';
import { assess, type DutyState } from './engine/assess.js';
import { factsOfCase, startsOf, type RecordedEvent, type RecordedFinding } from './engine/case-record.js';
import type { Regime } from './engine/regime.js';

/** An incident under legal assessment. One for each episode of an incident. */
export interface BreachCase {
  readonly id: string;
  readonly incidentId: string;
  readonly episode: number;
  readonly openedAt: Date;
  readonly openedBy: string;
  readonly closed: { readonly at: Date; readonly decision: Decision; readonly reason: string } | null;
  /** In the order in which they were recorded. */
  readonly events: readonly RecordedEvent[];
  readonly findings: readonly RecordedFinding[];
}

export const DECISIONS = ['notified', 'not_notifiable'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What the enabled regimes ask in this case, on what is recorded of it. */
export function dutiesOf({ events, findings }: BreachCase, regimes: readonly Regime[], zone: string): readonly DutyState[] {
  const state = { starts: startsOf(events), facts: factsOfCase(findings), zone };
  return regimes.flatMap((regime) => assess(regime, state));
}

export function clockOf({ duty, regime, outcome, due, latest, rule }: DutyState): BreachClock {
  return { regime: regime.id, duty: duty.id, title: duty.title, outcome, due: due?.toISOString() ?? null, latest: latest?.toISOString() ?? null, rule };
}
