import type { ActionCatalogue, AuditSink, FactSink } from '../../kernel/index.js';
import type { LogWriter, Metrics } from '../../platform/index.js';
import type { ApprovalDesk } from '../approval/approval-desk.js';
import type { CompiledPlaybook } from '../engine/compiled-playbook.js';
import type { Governor } from '../governor/governor.js';
import type { respondLogEvents } from '../respond.log-events.js';
import type { respondMetrics } from '../respond.metrics.js';
import type { InputCheck } from './input-check.js';

/** Versions of playbooks by their hash. */
export interface PlaybookVersions {
  /** @throws CordonError `respond.playbook_missing` */
  of(hash: string): Promise<CompiledPlaybook>;
}

/** Places for calls in this process. */
export interface Slots {
  /** Whether one was free; it is then taken. */
  reserve(): boolean;
  release(): void;
}

/** What the transactions of the runtime work with. */
export interface StepParts {
  /** Names this process as the holder of leases. */
  readonly instance: string;
  readonly playbooks: PlaybookVersions;
  readonly actions: ActionCatalogue;
  readonly inputs: InputCheck;
  readonly governor: Governor;
  readonly desk: ApprovalDesk;
  readonly facts: FactSink;
  readonly audit: AuditSink;
  readonly slots: Slots;
  readonly leaseMs: number;
  /** How long a person has who is asked because the governor asks. */
  readonly askDeadlineMs: number;
  readonly metrics: Metrics<typeof respondMetrics>;
  readonly log: LogWriter<typeof respondLogEvents>;
}
