import { isCordonError, type Tx } from '../../kernel/index.js';
import type { Database, Guard, LogWriter, Metrics, WakeUp } from '../../platform/index.js';
import type { approvalLogEvents } from './approval.log-events.js';
import type { approvalMetrics } from './approval.metrics.js';
import type { ApprovalService } from './approval.service.js';
import { COUNT_OPEN, DUE_APPROVALS, DUE_REMINDERS } from './sql.js';

const MOST_AT_ONCE = 100;

export interface ApprovalWorkerParts {
  readonly database: Database;
  readonly service: ApprovalService;
  readonly metrics: Metrics<typeof approvalMetrics>;
  readonly log: LogWriter<typeof approvalLogEvents>;
  readonly written: WakeUp;
}

/** What time does to approvals: deadlines and reminders. Due is what the database clock says, so what passed while nobody ran comes first. */
export class ApprovalWorker {
  constructor(private readonly parts: ApprovalWorkerParts) {}

  /** One turn of the leased task. Gives whether there may be more. */
  async turn(guard: Guard): Promise<boolean> {
    const { database, service, metrics, written } = this.parts;
    const now = await database.now();
    const due = await this.#ids(DUE_APPROVALS, now);
    for (const id of due) await this.#each(guard, id, (tx) => service.expire(tx, id));
    const reminders = await this.#ids(DUE_REMINDERS, now);
    for (const id of reminders) await this.#each(guard, id, (tx) => service.remind(tx, id));
    if (due.length > 0) written.notify();
    const [row] = await database.query<{ open: number }>(COUNT_OPEN);
    metrics.cordon_approval_open.set({}, row?.open ?? 0);
    return due.length === MOST_AT_ONCE || reminders.length === MOST_AT_ONCE;
  }

  async #ids(sql: string, now: Date): Promise<string[]> {
    return (await this.parts.database.query<{ id: string }>(sql, [now, MOST_AT_ONCE])).map(({ id }) => id);
  }

  /** A transaction each, so that one that fails holds up itself alone; it is tried again in the next turn. */
  async #each(guard: Guard, approval: string, work: (tx: Tx) => Promise<void>): Promise<void> {
    try {
      await this.parts.database.transaction(async (tx) => {
        await work(tx);
        await guard(tx);
      });
    } catch (error) {
      if (isCordonError(error, 'platform.lease_lost')) throw error;
      this.parts.log('approval.step_failed', { approval, error });
    }
  }
}
