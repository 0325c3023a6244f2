import { entityKey, type Action, type ActionErrorCode, type ExternalAction, type JsonObject } from '../../kernel/index.js';
import type { GovernorRequest, Verdict } from '../governor/governor.js';
import type { NewEffect } from './advance.js';
import { isDestructive, takenBack, withResult } from './containment.js';
import { APPROVAL_ACTION, UNDO_ACTION, type Effect } from './effect.js';
import { effectFact } from './stated.js';
import type { StepBatch, Unit } from './step-batch.js';
import type { Run } from './run.js';
import { visibleInput } from './visible-input.js';

/**
 * Decides how a new effect goes: carried out with the step (built-ins, actions in our own database), handed over to this
 * process with the commit, or left for whoever claims it. What is destructive or unsafe is always claimed by itself: the one
 * reserves caps, which must not be held up together with other runs, of the other it must be on record that it is called.
 */
export async function admit(batch: StepBatch, unit: Unit, asked: NewEffect): Promise<void> {
  const { parts, tx } = batch;
  const effect = blank(unit.run, asked, tx.now);
  if (asked.action === APPROVAL_ACTION || asked.action === UNDO_ACTION) {
    const builtIn: Effect = { ...effect, status: 'waiting', kind: asked.action === UNDO_ACTION ? 'plan' : effect.kind };
    batch.changes.effect(builtIn);
    if (asked.action === UNDO_ACTION) unit.run = takenBack(unit.run);
    batch.defer({ kind: asked.action === UNDO_ACTION ? 'plan' : 'approval', effect: builtIn });
    return;
  }
  const action = parts.actions.find(asked.action);
  const problem = action ? parts.inputs.problem(action, asked.input) : 'no connector of this installation offers it';
  if (!action || problem !== undefined) return refuse(batch, unit, effect, 'INPUT_INVALID', `${asked.action}: ${problem ?? ''}`);
  const known: Effect = { ...described(effect, action), mode: unit.playbook.policy[action.id]?.mode ?? null };
  if (action.effectClass === 'in-database') {
    const inside: Effect = { ...known, status: 'waiting' };
    batch.changes.effect(inside);
    batch.defer({ kind: 'database', effect: inside });
    return;
  }
  if (action.destructive || action.effectClass === 'unsafe' || !parts.slots.reserve()) {
    batch.changes.effect(known);
    batch.leftWork = true;
    return;
  }
  await handOver(batch, unit, known, action);
}

async function handOver(batch: StepBatch, unit: Unit, effect: Effect, action: ExternalAction): Promise<void> {
  const { parts, tx } = batch;
  let taken = false;
  try {
    const verdict = await parts.governor.decide(tx, governorRequest(unit.run, effect, action));
    if (verdict.decision === 'refuse') return refuse(batch, unit, { ...effect, verdict }, 'GOVERNOR_REFUSED', verdict.reasons.join('; '), { action: action.id, input: visibleInput(parts.actions, action.id, effect.input) });
    if (verdict.decision === 'ask') {
      const asking: Effect = { ...effect, status: 'waiting', verdict };
      batch.changes.effect(asking);
      batch.defer({ kind: 'ask', effect: asking, action, verdict });
      return;
    }
    const called: Effect = leased({ ...effect, verdict }, parts.instance, tx.now, parts.leaseMs);
    batch.changes.effect(called);
    batch.handedOver.push(called);
    taken = true;
  } finally {
    if (!taken) parts.slots.release();
  }
}

/** An effect under a lease, with one more attempt begun. */
export function leased(effect: Effect, owner: string, now: Date, leaseMs: number): Effect {
  const deadline = effect.deadline ?? new Date(now.getTime() + (effect.timeoutMs ?? 0));
  return { ...effect, status: 'leased', attempts: effect.attempts + 1, fence: effect.fence + 1, leaseOwner: owner, leaseUntil: new Date(now.getTime() + leaseMs), deadline };
}

export function governorRequest(run: Pick<Run, 'id' | 'playbookId' | 'approvals' | 'incident'>, effect: Effect, action: ExternalAction): GovernorRequest {
  const approved = effect.approved ?? (effect.invokeId === null ? undefined : run.approvals[effect.invokeId]) ?? null;
  return {
    effectId: effect.id, runId: run.id, playbook: run.playbookId, action, input: effect.input, entities: action.entities(effect.input), mode: effect.mode ?? undefined,
    incident: run.incident, approved, isUndo: effect.kind === 'undo',
  };
}

export function described(effect: Effect, action: Action): Effect {
  return {
    ...effect,
    effectClass: action.effectClass,
    destructive: action.destructive,
    timeoutMs: effect.timeoutMs ?? action.timeoutMs,
    entityKeys: action.effectClass === 'in-database' ? [] : action.entities(effect.input).map((entity) => `${entity.type}:${entityKey(entity)}`),
  };
}

export function blank(run: Run, asked: NewEffect, now: Date): Effect {
  return {
    ...asked, effectClass: null, destructive: false, entityKeys: [], priority: run.priority, mode: null, status: 'ready', detached: false, attempts: 0, failures: 0, nextAt: now, deadline: null,
    leaseOwner: null, leaseUntil: null, fence: 0, verdict: null, approved: null, output: null, error: null, undoInput: null, undoes: null, plan: null, undoneAt: null, createdAt: now, settledAt: null,
  };
}

/** An effect that ends before it began. */
function refuse(batch: StepBatch, unit: Unit, effect: Effect, code: ActionErrorCode, message: string, wouldHave?: JsonObject): void {
  const error = { code, message, retryable: false, attempts: 0, ...(wouldHave && wouldHaveCalled(effect.verdict) ? { wouldHave } : {}) };
  const status = code === 'GOVERNOR_REFUSED' ? 'refused' : 'failed';
  batch.changes.effect({ ...effect, status, error, settledAt: batch.tx.now });
  batch.changes.facts.push(effectFact('effect.failed', unit.run, effect, { code, message, attempts: 0 }));
  batch.reports.push(() => batch.parts.metrics.cordon_respond_effects_total.inc({ action: effect.action, status }));
  if (effect.kind === 'invoke' && isDestructive(batch.parts.actions, unit.playbook, effect.action)) unit.run = withResult(unit.run, effect, 'failed');
  batch.refuse(unit, effect, error);
}

/** In the modes that do not call, the playbook hears what would have been done. */
export const wouldHaveCalled = (verdict: Verdict | null): boolean => verdict?.mode === 'observe' || verdict?.mode === 'suggest';
