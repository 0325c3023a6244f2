import type { EffectClass, IncidentSnapshot, JsonObject, JsonValue, RunOutcome } from '../../kernel/index.js';
import type { PlaybookEvent, RetryPolicy, RunState } from '../engine/compiled-playbook.js';
import type { GovernorMode } from '../engine/playbook-source.js';
import type { Verdict } from '../governor/governor.js';
import type { Effect, EffectKind, EffectStatus } from './effect.js';
import type { Approved, Awaits, Containing, Run, RunStatus } from './run.js';

/** A row of `run`. */
export interface RunRow {
  id: string;
  playbook_id: string;
  playbook_hash: string;
  start_key: string;
  incident_id: string | null;
  episode: number | null;
  incident: IncidentSnapshot | null;
  trigger: PlaybookEvent;
  requested_by: string | null;
  priority: number;
  status: RunStatus;
  outcome: RunOutcome | null;
  seq: number;
  last_hash: string;
  value: JsonValue;
  state: RunState;
  awaits: Awaits;
  approvals: Record<string, Approved>;
  containing: Record<string, Containing>;
  contained_at: Date | null;
  started_at: Date;
  updated_at: Date;
  finished_at: Date | null;
}

export function fromRunRow(row: RunRow): Run {
  return {
    id: row.id, playbookId: row.playbook_id, playbookHash: row.playbook_hash, startKey: row.start_key, incidentId: row.incident_id, episode: row.episode, incident: row.incident,
    trigger: row.trigger, requestedBy: row.requested_by, priority: row.priority, status: row.status, outcome: row.outcome, seq: row.seq, lastHash: row.last_hash, value: row.value,
    state: row.state, awaits: row.awaits, approvals: row.approvals, containing: row.containing, containedAt: row.contained_at, startedAt: row.started_at,
    updatedAt: row.updated_at, finishedAt: row.finished_at,
  };
}

/** What of a run changes after its start. */
export function toRunChange(run: Run) {
  return {
    id: run.id, incident: run.incident, status: run.status, outcome: run.outcome, seq: run.seq, last_hash: run.lastHash, value: run.value, state: run.state, awaits: run.awaits,
    approvals: run.approvals, containing: run.containing, contained_at: run.containedAt, updated_at: run.updatedAt, finished_at: run.finishedAt,
  };
}

export function toRunRow(run: Run) {
  return {
    ...toRunChange(run), playbook_id: run.playbookId, playbook_hash: run.playbookHash, start_key: run.startKey, incident_id: run.incidentId, episode: run.episode, trigger: run.trigger,
    requested_by: run.requestedBy, priority: run.priority, started_at: run.startedAt,
  };
}

/** A row of `effect`. */
export interface EffectRow {
  id: string;
  run_id: string;
  seq: number;
  index: number;
  kind: EffectKind;
  invoke_id: string | null;
  action: string;
  input: JsonObject;
  effect_class: EffectClass | null;
  destructive: boolean;
  entity_keys: string[];
  priority: number;
  mode: GovernorMode | null;
  status: EffectStatus;
  detached: boolean;
  attempts: number;
  failures: number;
  timeout_ms: number | null;
  retry: RetryPolicy | null;
  next_at: Date;
  deadline: Date | null;
  lease_owner: string | null;
  lease_until: Date | null;
  fence: number;
  verdict: Verdict | null;
  approved: Approved | null;
  output: Effect['output'];
  error: Effect['error'];
  undo_input: JsonObject | null;
  undoes: string | null;
  plan: string | null;
  undone_at: Date | null;
  created_at: Date;
  settled_at: Date | null;
}

export function fromEffectRow(row: EffectRow): Effect {
  return {
    id: row.id, runId: row.run_id, seq: row.seq, index: row.index, kind: row.kind, invokeId: row.invoke_id, action: row.action, input: row.input, effectClass: row.effect_class,
    destructive: row.destructive, entityKeys: row.entity_keys, priority: row.priority, mode: row.mode, status: row.status, detached: row.detached, attempts: row.attempts, failures: row.failures,
    timeoutMs: row.timeout_ms, retry: row.retry && { ...row.retry, on: row.retry.on ?? undefined }, nextAt: row.next_at, deadline: row.deadline, leaseOwner: row.lease_owner,
    leaseUntil: row.lease_until, fence: row.fence, verdict: row.verdict, approved: row.approved, output: row.output, error: row.error, undoInput: row.undo_input,
    undoes: row.undoes, plan: row.plan, undoneAt: row.undone_at, createdAt: row.created_at, settledAt: row.settled_at,
  };
}

export function toEffectRow(effect: Effect): EffectRow {
  return {
    id: effect.id, run_id: effect.runId, seq: effect.seq, index: effect.index, kind: effect.kind, invoke_id: effect.invokeId, action: effect.action, input: effect.input,
    effect_class: effect.effectClass, destructive: effect.destructive, entity_keys: [...effect.entityKeys], priority: effect.priority, mode: effect.mode, status: effect.status, detached: effect.detached,
    attempts: effect.attempts, failures: effect.failures, timeout_ms: effect.timeoutMs, retry: effect.retry, next_at: effect.nextAt, deadline: effect.deadline,
    lease_owner: effect.leaseOwner, lease_until: effect.leaseUntil, fence: effect.fence, verdict: effect.verdict, approved: effect.approved, output: effect.output,
    error: effect.error, undo_input: effect.undoInput, undoes: effect.undoes, plan: effect.plan, undone_at: effect.undoneAt, created_at: effect.createdAt, settled_at: effect.settledAt,
  };
}
