import type { JsonValue } from '../kernel/index.js';
import type { RunDetailResponse, RunResponse } from '../respond/index.js';
import { ApiClient } from './api-client.js';
import type { ListRunsOptions, RunCommandOptions, RunsOptions } from './runs.command.js';

interface Page {
  readonly runs: readonly RunResponse[];
  readonly next: string | null;
}

type Effect = RunDetailResponse['effects'][number];

/** @throws CordonError `cli.key_unreadable`, `cli.server_unreachable`, or what the server answers; so all of this file */
export async function listRuns({ status, playbook, incident, ...options }: ListRunsOptions): Promise<void> {
  const api = new ApiClient(options);
  const found: RunResponse[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ ...(status && { status }), ...(playbook && { playbook }), ...(incident && { incident }), ...(after && { after }) });
    const page: Page = await api.call('GET', `/v1/runs?${query.toString()}`);
    found.push(...page.runs);
    after = page.next;
  }
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else for (const run of found) process.stdout.write(`${plain(`${run.id}  ${run.started_at}  ${(run.outcome ?? run.status).padEnd(10)}  ${run.playbook.id}  at ${placeOf(run.state)}`)}\n`);
}

export async function showRun(id: string, options: RunsOptions): Promise<void> {
  print(await new ApiClient(options).call<RunDetailResponse>('GET', `/v1/runs/${encodeURIComponent(id)}`), options);
}

export async function commandRun(id: string, name: 'cancel' | 'undo' | 'suspend' | 'resume', { reason, undo, scope, ...options }: RunCommandOptions): Promise<void> {
  const body = { reason, ...(undo !== undefined && { undo }), ...(scope !== undefined && { scope: scopeOf(scope) }) };
  print(await new ApiClient(options).call<RunDetailResponse>('POST', `/v1/runs/${encodeURIComponent(id)}/${name}`, body), options);
}

function print(run: RunDetailResponse, { json = false }: RunsOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(run)}\n`);
    return;
  }
  const lines = [
    `${run.id}  ${run.outcome === null ? run.status : `${run.status}: ${run.outcome}`}`,
    `playbook   ${run.playbook.id} ${run.playbook.version}${run.incident === null ? '' : `, incident ${run.incident}`}`,
    `state      ${placeOf(run.state)} since ${run.updated_at}`,
    ...(run.contained_at === null ? [] : [`contained  ${run.contained_at}`]),
    ...run.effects.map((effect) => `effect     ${effect.invoke}  ${effect.action}  ${effect.status}${wordsOn(effect)}`),
    ...run.timers.map(({ id, due, held }) => `timer      ${id} at ${due}${held ? ', held' : ''}`),
    ...run.dead_letters.map(({ at, error }) => `dead       ${at}: ${error}`),
  ];
  process.stdout.write(`${lines.map(plain).join('\n')}\n`);
}

/** What is worth a look besides the status: why it failed, what the target says, and whether it was taken back. */
function wordsOn({ error, output, undone_at: undoneAt, undoable }: Effect): string {
  const said = [member(error, 'code'), member(member(output, 'verify'), 'state')].filter((word) => typeof word === 'string');
  const residual = member(member(output, 'verify'), 'residual_access_until');
  if (typeof residual === 'string') said.push(`residual access until ${residual}`);
  if (undoneAt !== null) said.push(`taken back ${undoneAt}`);
  else if (undoable) said.push('can be taken back');
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** `a.b` for nested states, `a, b` for those that are entered at once. */
function placeOf(state: JsonValue): string {
  if (typeof state === 'string') return state;
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return '-';
  return Object.entries(state).map(([name, inner]) => (typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0 ? name : `${name}.${placeOf(inner)}`)).join(', ');
}

/** The API takes `all` and `since:<state>` as text, invoke ids as a list. */
function scopeOf(scope: readonly string[]): string | readonly string[] {
  const [first, ...more] = scope;
  return first !== undefined && more.length === 0 && (first === 'all' || first.startsWith('since:')) ? first : scope;
}

/** Names come from records: what could move the cursor or the direction of a terminal is left out. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
