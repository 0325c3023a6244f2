import type { EntityRef } from '../../kernel/index.js';
import type { ApprovalRequest, Caller } from '../approval/approval-desk.js';
import { subjectOf } from './about.js';
import { UNDO_ACTION, type Effect } from './effect.js';
import { planOf } from './plan.js';
import type { StepBatch, Unit } from './step-batch.js';
import type { UndoPlan } from './undo-plan.js';

/** Whether a person may have effects taken back on their own word: if they could approve it, or where there is nothing to take back. */
export async function mayUndo(batch: StepBatch, unit: Unit, scope: string | string[], caller: Caller): Promise<boolean> {
  const plan = await planOf(batch, unit, { action: UNDO_ACTION, input: { scope } });
  if (!plan || plan.steps.length === 0) return true;
  return batch.parts.desk.mayDecide(batch.tx, requestOf(batch, unit, { id: unit.run.id, action: UNDO_ACTION, input: { scope }, verdict: null }, plan), caller);
}

/** Asks whether to take effects back: it is about everyone whom one of them acted on. */
export async function askForUndo(batch: StepBatch, unit: Unit, asked: Effect): Promise<void> {
  await batch.parts.desk.request(batch.tx, requestOf(batch, unit, asked, await planOf(batch, unit, asked)));
}

function requestOf({ parts, tx }: StepBatch, { run }: Unit, { id, action, input, verdict }: Pick<Effect, 'id' | 'action' | 'input' | 'verdict'>, plan: UndoPlan | undefined): ApprovalRequest {
  const actedOn = (plan?.steps ?? []).flatMap(({ effect }): readonly EntityRef[] => {
    const undone = parts.actions.find(effect.action);
    return undone && undone.effectClass !== 'in-database' ? undone.entities(effect.input) : [];
  });
  return {
    runId: run.id, playbook: run.playbookId, incidentId: run.incidentId, episode: run.episode, effectId: id, role: 'approver', quorum: 1,
    deadline: new Date(tx.now.getTime() + parts.askDeadlineMs), onDeadline: 'refuse', shows: null,
    would: [{ action, title: 'Take back what the run did', invokeId: id, input, undo: 'none', verdict }],
    about: [...actedOn, ...subjectOf(run.incident)], requestedBy: run.requestedBy,
  };
}
