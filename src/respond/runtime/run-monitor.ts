import type { Database } from '../../platform/index.js';
import type { StepParts } from './step-parts.js';

/**
 * Runs that are under way and wait for nothing: no event to be read, no live effect that their machine or plan awaits, no timer. $1 most.
 * A suspended run waits for a person.
 */
const STUCK_RUNS = `
  SELECT id FROM run
   WHERE status IN ('active', 'cancelling')
     AND NOT EXISTS (SELECT FROM run_inbox WHERE run_id = run.id AND status = 'pending')
     AND NOT EXISTS (SELECT FROM run_timer WHERE run_id = run.id)
     AND NOT EXISTS (SELECT FROM effect WHERE run_id = run.id AND status IN ('ready', 'leased', 'waiting') AND NOT detached AND kind IN ('invoke', 'plan'))
   ORDER BY id
   LIMIT $1`;

const MOST = 100;

/** Looks for runs to which nothing will ever happen again. There must be none; one that is found is an error to be looked at. */
export class RunMonitor {
  constructor(
    private readonly database: Database,
    private readonly parts: Pick<StepParts, 'metrics' | 'log'>,
  ) {}

  /** Ids of stuck runs, at most 100. */
  async check(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(STUCK_RUNS, [MOST]);
    const ids = rows.map(({ id }) => id);
    this.parts.metrics.cordon_respond_stuck_runs.set(ids.length);
    if (ids.length > 0) this.parts.log('respond.stuck_runs', { runs: ids });
    return ids;
  }
}
