import type { ClockStart } from './assess.js';
import type { CaseFacts } from './gate.js';
import type { ClockEvent } from './regime.js';

/** An event of a case as it was recorded; a later record of the same kind corrects it. */
export interface RecordedEvent extends ClockStart {
  readonly why: string;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

/** What was found out about a case: a name that gates ask for, and its value. */
export interface RecordedFinding {
  readonly name: string;
  readonly value: string;
  readonly why: string;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

/** The event of each kind that counts, of events in the order they were recorded: the newest that a person recorded, else the earliest assumed. */
export function startsOf(events: readonly RecordedEvent[]): readonly ClockStart[] {
  const counts = new Map<ClockEvent, RecordedEvent>();
  for (const event of events) {
    const before = counts.get(event.kind);
    if (!before || event.basis === 'recorded' || (before.basis === 'provisional' && event.at < before.at)) counts.set(event.kind, event);
  }
  return [...counts.values()];
}

/** The newest value of each name, of findings in the order they were recorded. */
export function factsOfCase(findings: readonly RecordedFinding[]): CaseFacts {
  return Object.fromEntries(findings.map(({ name, value }) => [name, value]));
}
