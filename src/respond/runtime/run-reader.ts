import type { ActionDescriptions, JsonObject, JsonValue } from '../../kernel/index.js';
import type { Database } from '../../platform/index.js';
import { withoutSecrets } from '../approval/redact.js';
import { respondErrors } from '../respond.errors.js';
import { LIST_RUNS, READ_DEAD_LETTERS, READ_EFFECTS, READ_EVENTS, READ_RUN, READ_TIMERS } from './read-sql.js';
import type { EffectRow, RunRow } from './rows.js';
import { encodeMark, type RunMark, type RunQuery } from './run.schema.js';
import type { SeesRuns } from './run-visibility.js';
import { visibleInput } from './visible-input.js';

export type RunSummary = Pick<
  RunRow,
  'id' | 'playbook_id' | 'playbook_hash' | 'incident_id' | 'episode' | 'requested_by' | 'status' | 'outcome' | 'seq' | 'value' | 'contained_at' | 'started_at' | 'updated_at' | 'finished_at'
> & { version: string };

export interface RunDetail {
  readonly run: RunSummary & Pick<RunRow, 'trigger' | 'awaits' | 'approvals' | 'containing'> & { params: JsonObject };
  readonly events: readonly { seq: number; at: Date; kind: string; body: string; actor: string; changed: boolean; value: JsonValue; hash: string }[];
  readonly effects: readonly (EffectRow & { tried: JsonValue })[];
  readonly timers: readonly { timer_id: string; due: Date; clock: string; held: boolean }[];
  readonly deadLetters: readonly { id: string; body: JsonObject; error: string; at: Date }[];
}

const MOST = 1_000;
/** Entries of the log with what came from outside. */
const GIVEN: ReadonlySet<string> = new Set(['start', 'event']);
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Read model of runs, newest start first. What its schema or its name calls a secret is left out. */
export class RunReader {
  constructor(
    private readonly database: Database,
    private readonly actions: ActionDescriptions,
  ) {}

  /** One page of what the caller sees, of whole size however much is left out on the way, and the mark of the next one, absent on the last page. */
  async list({ status, playbook, incident, after, limit }: RunQuery, sees: SeesRuns): Promise<{ runs: RunSummary[]; next: string | undefined }> {
    const runs: RunSummary[] = [];
    let from = after;
    for (;;) {
      const rows = await this.database.query<RunSummary>(LIST_RUNS, [status ?? null, playbook ?? null, incident ?? null, from?.startedAt ?? null, from?.id ?? null, limit + 1]);
      const seen = await sees(rows.map(({ id }) => id));
      for (const run of rows) {
        if (!seen.has(run.id)) continue;
        const last = runs.at(-1);
        if (last && runs.length === limit) return { runs, next: encodeMark(markOf(last)) };
        runs.push(run);
      }
      const last = rows.at(-1);
      if (!last || rows.length <= limit) return { runs, next: undefined };
      from = markOf(last);
    }
  }

  /** @throws CordonError `respond.run_unknown`, also for a run of which the caller must not know */
  async require(id: string, sees: SeesRuns): Promise<void> {
    if (!UUID.test(id) || !(await sees([id.toLowerCase()])).has(id.toLowerCase())) throw respondErrors.create('respond.run_unknown', { field: 'id' });
  }

  /** @throws CordonError `respond.run_unknown` */
  async read(id: string): Promise<RunDetail> {
    const [run] = UUID.test(id) ? await this.database.query<RunDetail['run']>(READ_RUN, [id]) : [];
    if (!run) throw respondErrors.create('respond.run_unknown', { field: 'id' });
    const events = await this.database.query<RunDetail['events'][number]>(READ_EVENTS, [id, MOST]);
    const effects = await this.database.query<RunDetail['effects'][number]>(READ_EFFECTS, [id, MOST]);
    return {
      run: { ...run, params: withoutSecrets(run.params), trigger: withoutSecrets(run.trigger) },
      events: events.map((event) => (GIVEN.has(event.kind) ? { ...event, body: JSON.stringify(withoutSecrets(JSON.parse(event.body) as JsonObject)) } : event)),
      effects: effects.map((effect) => ({ ...effect, input: visibleInput(this.actions, effect.action, effect.input) })),
      timers: await this.database.query(READ_TIMERS, [id]),
      deadLetters: (await this.database.query<RunDetail['deadLetters'][number]>(READ_DEAD_LETTERS, [id])).map((letter) => ({ ...letter, body: withoutSecrets(letter.body) })),
    };
  }
}

const markOf = ({ started_at: startedAt, id }: RunSummary): RunMark => ({ startedAt, id });
