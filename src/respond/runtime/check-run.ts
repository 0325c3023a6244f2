import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../../kernel/index.js';
import type { Database } from '../../platform/index.js';
import type { PlaybookEvent, RunState, Step, StepInput } from '../engine/compiled-playbook.js';
import { eventHash, NO_HASH } from './run-event.js';
import type { PlaybookVersions } from './step-parts.js';

/** $1 run */
const STORED_RUN = 'SELECT playbook_hash, seq, last_hash, value, state FROM run WHERE id = $1';
/** $1 run */
const STORED_EVENTS = 'SELECT run_id, seq, at, kind, body, actor, hash FROM run_event WHERE run_id = $1 ORDER BY seq';

interface EventRow {
  run_id: string;
  seq: number;
  at: Date;
  kind: string;
  body: string;
  actor: string;
  hash: string;
}

/**
 * Whether a run is what its log says: the chain of hashes is whole, and the state in its row is what its machine comes to
 * when it is given the same events again. Gives what is wrong, a line each.
 */
export async function checkRun(database: Database, playbooks: PlaybookVersions, runId: string): Promise<string[]> {
  const [run] = await database.query<{ playbook_hash: string; seq: number; last_hash: string; value: JsonValue; state: RunState }>(STORED_RUN, [runId]);
  if (!run) return ['there is no such run'];
  const events = await database.query<EventRow>(STORED_EVENTS, [runId]);
  const playbook = await playbooks.of(run.playbook_hash);
  const problems = chainProblems(events, run);
  let step: Step | undefined;
  for (const event of events) {
    const body = JSON.parse(event.body) as JsonObject;
    if (event.kind === 'start') step = playbook.start(body.event as PlaybookEvent, body.params as JsonObject, event.at);
    else if (event.kind !== 'command' && step) step = playbook.apply(asStored(step.state), asInput(body), event.at);
  }
  if (!step) return [...problems, 'the log has no start'];
  const plain = (value: unknown) => canonicalJson(JSON.parse(JSON.stringify(value)) as JsonObject);
  const same = (a: unknown, b: unknown) => plain(a) === plain(b);
  if (!same(step.value, run.value)) problems.push(`the log leads to ${JSON.stringify(step.value)}, the run is in ${JSON.stringify(run.value)}`);
  if (!same(step.state, run.state)) problems.push('the log leads to another state than the one stored');
  return problems;
}

function chainProblems(events: readonly EventRow[], run: { seq: number; last_hash: string }): string[] {
  const problems: string[] = [];
  let previous = NO_HASH;
  for (const [index, { run_id: runId, seq, at, actor, body, hash }] of events.entries()) {
    if (seq !== index + 1) problems.push(`event ${index + 1} has the number ${seq}`);
    if (eventHash(previous, { runId, seq, at, actor, body }) !== hash) problems.push(`event ${seq} is not what was written, or not in its place`);
    previous = hash;
  }
  if (events.length !== run.seq || previous !== run.last_hash) problems.push(`the run counts ${run.seq} events, its log ends at ${events.length}`);
  return problems;
}

const asStored = (state: RunState): RunState => JSON.parse(JSON.stringify(state)) as RunState;

const asInput = (body: JsonObject): StepInput =>
  (body.kind === 'timer' && !isJsonObject(body.due) ? { ...body, due: new Date(String(body.due)) } : body) as unknown as StepInput;
