import type { IncidentSnapshot, JsonValue, RunOutcome } from '../../kernel/index.js';
import type { PlaybookEvent, RunState } from '../engine/compiled-playbook.js';

export const RUN_STATUSES = ['active', 'suspended', 'cancelling', 'done'] as const;
/** `cancelling`: what it did is being taken back; then it is `done` with the outcome `cancelled`. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What the machine waits for. The value says which round of it: a completion or timer of an earlier one is stale. */
export interface Awaits {
  /** Invoke id → id of the effect that will complete it. */
  readonly invokes: Readonly<Record<string, string>>;
  /** Timer id → sequence number of the event that armed it. */
  readonly timers: Readonly<Record<string, number>>;
}

/** An approval of this run that lets an effect go which would otherwise be asked for. */
export type Approved = { approvalId: string; by: string[] };

/** What came of a destructive action, under its invoke id. `undone`: it is being taken back, or was. `seq`: the run's last event then. */
export type Containing = { state: 'done' | 'failed' | 'undone'; residualAccessUntil: string | null; effectId: string; seq: number };

/** One execution of a playbook, pinned to the hash of its version. */
export interface Run {
  readonly id: string;
  readonly playbookId: string;
  readonly playbookHash: string;
  /** `incident:<id>:<episode>`, or `manual:<key>`: one run for each, per playbook. */
  readonly startKey: string;
  readonly incidentId: string | null;
  readonly episode: number | null;
  /** The incident as the newest event told of it. */
  readonly incident: IncidentSnapshot | null;
  readonly trigger: PlaybookEvent;
  /** Who asked for it; null where an incident started it. */
  readonly requestedBy: string | null;
  /** Higher goes first where several runs want the same entity. */
  readonly priority: number;
  readonly status: RunStatus;
  readonly outcome: RunOutcome | null;
  /** Number of the last event. */
  readonly seq: number;
  /** Hash of the last event: the head of its chain. */
  readonly lastHash: string;
  readonly value: JsonValue;
  readonly state: RunState;
  readonly awaits: Awaits;
  readonly approvals: Readonly<Record<string, Approved>>;
  readonly containing: Readonly<Record<string, Containing>>;
  readonly containedAt: Date | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}
