import type { ActionDescription, ActionOutcome, DatabaseAction, ExternalAction, JsonValue, Role } from '../../kernel/index.js';
import { isCordonError, ROLES } from '../../kernel/index.js';
import { parseDuration } from '../../config/index.js';
import { toDatabaseError } from '../../platform/index.js';
import type { ProposedEffect } from '../approval/approval-desk.js';
import { BUILT_INS } from '../engine/built-ins.js';
import type { StateSource } from '../engine/playbook-source.js';
import type { Verdict } from '../governor/governor.js';
import { subjectOf } from './about.js';
import { invokesOf } from './containment.js';
import { APPROVAL_ACTION, type Effect } from './effect.js';
import { settle, type Final } from './outcome.js';
import { beginPlan, beginWaitingPlan, commandPlanEnded, continuePlan } from './plan.js';
import { askForUndo } from './undo-request.js';
import type { Run } from './run.js';
import type { StepBatch, Unit } from './step-batch.js';
import { visibleInput } from './visible-input.js';

/**
 * Work of a step that needs its rows to stand. `late`: an effect got through after its state was left; `undo-step`: one step of
 * a plan ended; `release`: an effect ended without having done anything.
 */
export type Deferred =
  | { readonly kind: 'approval' | 'plan' | 'database' | 'ask-undo' | 'undo-step' | 'late' | 'release'; readonly effect: Effect }
  | { readonly kind: 'ask'; readonly effect: Effect; readonly action: ExternalAction; readonly verdict: Verdict }
  /** A plan that a person's command put up came to its end. */
  | { readonly kind: 'command-ended'; readonly effect: Effect; readonly final: Final };

export async function carryOut(batch: StepBatch, deferred: Deferred): Promise<void> {
  const unit = batch.unit(deferred.effect.runId);
  if (!unit) return;
  switch (deferred.kind) {
    case 'approval':
      return requestApproval(batch, unit, deferred.effect);
    case 'ask':
      await batch.parts.desk.request(batch.tx, askFor(unit.run, deferred.effect, deferred.action, deferred.verdict, batch.tx.now, batch.parts.askDeadlineMs));
      return;
    case 'plan':
      return beginPlan(batch, unit, deferred.effect);
    case 'command-ended':
      return commandPlanEnded(batch, unit, deferred.final);
    case 'ask-undo':
      return askForUndo(batch, unit, deferred.effect);
    case 'undo-step':
      return continuePlan(batch, unit, deferred.effect.plan);
    case 'late':
      return beginWaitingPlan(batch, unit);
    case 'release':
      return batch.parts.governor.release(batch.tx, deferred.effect.id);
    case 'database':
      return inDatabase(batch, unit, deferred.effect);
  }
}

const APPROVAL = BUILT_INS.find(({ id }) => id === APPROVAL_ACTION) as ActionDescription;

/** The question for one effect that the governor does not let go by itself. */
export function askFor(run: Pick<Run, 'id' | 'playbookId' | 'incidentId' | 'episode' | 'incident' | 'requestedBy'>, effect: Effect, action: ExternalAction, verdict: Verdict, now: Date, deadlineMs: number) {
  const undo = 'none' in action.undo ? action.undo.none : action.undo.action;
  const would: ProposedEffect[] = [{ action: action.id, title: action.title, invokeId: effect.invokeId ?? effect.id, input: visibleInput({ find: () => action }, action.id, effect.input), undo, verdict }];
  return {
    runId: run.id, playbook: run.playbookId, incidentId: run.incidentId, episode: run.episode, effectId: effect.id, role: 'approver' as const, quorum: 1,
    deadline: new Date(now.getTime() + deadlineMs), onDeadline: 'refuse' as const, shows: null, would, about: [...action.entities(effect.input), ...subjectOf(run.incident)], requestedBy: run.requestedBy,
  };
}

async function requestApproval(batch: StepBatch, unit: Unit, effect: Effect): Promise<void> {
  const { run, playbook } = unit;
  const { input } = effect;
  const role = ROLES.find((name) => name === input.role);
  const deadline = deadlineOf(input.deadline, batch.tx.now);
  const onDeadline = (['refuse', 'approve', 'escalate'] as const).find((name) => name === (input.onDeadline ?? 'refuse'));
  const quorum = input.quorum ?? 1;
  const problem = batch.parts.inputs.problem(APPROVAL, input);
  const wrong = problem !== undefined ? problem : !role ? 'role: no such role' : !deadline ? 'deadline: an ISO 8601 duration or time' : !onDeadline ? 'onDeadline: refuse, approve or escalate' : undefined;
  if (!role || !deadline || !onDeadline || wrong !== undefined) {
    const error = { code: 'INPUT_INVALID' as const, message: `core.approval: ${wrong ?? ''}`, retryable: false, attempts: 0 };
    return settle(batch, unit, effect, { status: 'failed', error, output: null, undoInput: null, happened: false });
  }
  await batch.parts.desk.request(batch.tx, {
    runId: run.id, playbook: run.playbookId, incidentId: run.incidentId, episode: run.episode, effectId: effect.id, role: role satisfies Role, quorum: Number(quorum), deadline, onDeadline,
    shows: input.shows ?? null, would: proposed(approves(effect), playbook.source.machine, batch), about: subjectOf(run.incident), requestedBy: run.requestedBy,
  });
}

/** Invoke ids that an approval covers. */
export function approves({ input }: Effect): string[] {
  return Array.isArray(input.approves) ? input.approves.filter((id) => typeof id === 'string') : [];
}

/** What the playbook would do on yes. Inputs are as the playbook writes them: their values are known when it gets there. */
function proposed(invokeIds: readonly string[], machine: StateSource, { parts }: StepBatch): ProposedEffect[] {
  const invokes = new Map(invokesOf(machine).map((invoke) => [invoke.id, invoke]));
  return invokeIds.flatMap((invokeId) => {
    const invoke = invokes.get(invokeId);
    const action = invoke && parts.actions.find(invoke.src);
    if (!invoke || !action) return [];
    return [{ action: action.id, title: action.title, invokeId, input: visibleInput(parts.actions, action.id, invoke.input ?? {}), undo: 'none' in action.undo ? action.undo.none : action.undo.action, verdict: null }];
  });
}

function deadlineOf(value: JsonValue | undefined, now: Date): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const length = parseDuration(value);
  const time = length === undefined ? new Date(value) : new Date(now.getTime() + length);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** An action in our own database: it happens with this transaction. If it fails, all that it wrote is taken back, and the step goes on with its error. */
async function inDatabase(batch: StepBatch, unit: Unit, effect: Effect): Promise<void> {
  const { tx, parts } = batch;
  const action = parts.actions.find(effect.action) as DatabaseAction;
  const { id: runId, playbookId: playbook, incidentId, episode } = unit.run;
  await tx.query('SAVEPOINT effect');
  let outcome: ActionOutcome;
  try {
    outcome = await action.do(tx, { input: effect.input, key: effect.id, now: tx.now }, { runId, playbook, incidentId, episode });
    await tx.query('RELEASE SAVEPOINT effect');
  } catch (failure) {
    // A deadlock or a lock that was not free is no answer of the action: the whole step is done again.
    const known = toDatabaseError(failure);
    if (isCordonError(known) && known.code.startsWith('platform.') && known.definition.retryable === true) throw known;
    await tx.query('ROLLBACK TO SAVEPOINT effect');
    const error = { code: 'REFUSED_BY_TARGET' as const, message: failure instanceof Error ? failure.message : String(failure), retryable: false, attempts: 1 };
    return settle(batch, unit, effect, { status: 'failed', error, output: null, undoInput: null, happened: false });
  }
  const verify = { state: 'verified' as const, residual_access_until: null, why: 'it was done in the transaction of the step' };
  settle(batch, unit, effect, { status: 'done', output: { result: outcome.result, verify, already: outcome.already, attempts: 1 }, undoInput: null });
}
