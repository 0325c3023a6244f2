import { deadlineOf, localDate } from './deadline.js';
import { evaluateGate, type CaseFacts } from './gate.js';
import type { ClockEvent, Duty, Grade, Regime } from './regime.js';

/** When the event happened that a regime counts from, and how well that is known. */
export interface ClockStart {
  readonly kind: ClockEvent;
  readonly at: Date;
  /** `provisional`: assumed by the product until a person records the event. */
  readonly basis: 'recorded' | 'provisional';
}

export interface CaseState {
  readonly starts: readonly ClockStart[];
  readonly facts: CaseFacts;
  /** IANA zone of the entity that is bound. */
  readonly zone: string;
}

/** `needs_decision`: a fact or the event is missing; the clock runs all the same. */
export type DutyOutcome = 'required' | 'not_required' | 'needs_decision';

export interface DutyState {
  readonly duty: Duty;
  readonly regime: { readonly id: string; readonly version: string };
  readonly outcome: DutyOutcome;
  readonly start: ClockStart | null;
  readonly due: Date | null;
  readonly latest: Date | null;
  readonly rule: string;
  readonly zone: string;
  readonly grade: Grade;
  /** Why, one line a test. */
  readonly trace: readonly string[];
}

/** What a regime asks in a case. Unknown facts suppress no duty; what lacks an event has no clock, and says so. */
export function assess(regime: Regime, state: CaseState): readonly DutyState[] {
  return regime.duties.map((duty) => assessDuty(regime, duty, state));
}

function assessDuty(regime: Regime, duty: Duty, { starts, facts, zone }: CaseState): DutyState {
  const start = starts.find(({ kind }) => kind === duty.startsWith) ?? null;
  const { applies, trace } = evaluateGate(duty.gate, facts, regime.findings);
  const about = { duty, regime: { id: regime.id, version: regime.version }, start, zone, grade: duty.grade };
  if (applies === 'no') return { ...about, outcome: 'not_required', due: null, latest: null, rule: 'does not apply', trace };
  if (!start) {
    return { ...about, outcome: 'needs_decision', due: null, latest: null, rule: `starts with '${duty.startsWith}', which is not recorded`, trace };
  }
  if (!covers(regime, start.at, zone)) {
    const why = `version ${regime.version} does not cover ${localDate(start.at, zone)}`;
    return { ...about, outcome: 'needs_decision', due: null, latest: null, rule: why, trace: [...trace, why] };
  }
  const outcome = applies === 'yes' && start.basis === 'recorded' ? 'required' : 'needs_decision';
  const steps = start.basis === 'recorded' ? trace : [...trace, `'${start.kind}' is assumed, not recorded by a person`];
  return { ...about, outcome, ...deadlineOf(duty.clock, start.at, zone), trace: steps };
}

const covers = ({ effectiveFrom, effectiveTo }: Regime, at: Date, zone: string): boolean => {
  const date = localDate(at, zone);
  return date >= effectiveFrom && (effectiveTo === null || date <= effectiveTo);
};
