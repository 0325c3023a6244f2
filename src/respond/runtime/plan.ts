import { derivedId, type EffectError, type JsonObject } from '../../kernel/index.js';
import { blank, described } from './admission.js';
import { COMMAND_UNDO, UNDO_ACTION, type Effect } from './effect.js';
import { builtInOutput, settle, type Final } from './outcome.js';
import { fromEffectRow, type EffectRow } from './rows.js';
import { EFFECTS_OF_RUN, VALUES_OF_RUN } from './sql.js';
import { RUNTIME_ACTOR } from './stated.js';
import type { StepBatch, Unit } from './step-batch.js';
import { planUndo, readScope, type UndoPlan } from './undo-plan.js';

/** Steps of the plans of one event are numbered from here on, one block for each effect of the event. */
const BLOCK = 1_000;

/** Begins a plan that waits in the database: with nothing to take back it is at its end at once. */
export async function beginPlan(batch: StepBatch, unit: Unit, plan: Effect): Promise<void> {
  const effects = await effectsOf(batch, unit);
  // What is being called may still get through, and then belongs to what is to be taken back.
  if (effects.some(({ kind, status, destructive }) => status === 'leased' && kind === 'invoke' && destructive)) return;
  const made = await planOf(batch, unit, plan, effects);
  if (!made) {
    const error: EffectError = { code: 'INPUT_INVALID', message: 'core.undo: scope: all, since:<state>, an invoke id or a list of them', retryable: false, attempts: 0 };
    return settle(batch, unit, plan, { status: 'failed', error, output: null, undoInput: null, happened: false });
  }
  if (made.steps.length === 0) return end(batch, unit, plan, [], made);
  const byPerson = plan.approved !== null;
  for (const [place, { effect: undone, action: actionId, input, unsure }] of made.steps.entries()) {
    const action = batch.parts.actions.find(actionId);
    const asked = { id: derivedId('undo', plan.id, place), runId: plan.runId, seq: plan.seq, index: (plan.index + 1) * BLOCK + place, kind: 'undo' as const, invokeId: null, action: actionId, input, timeoutMs: null, retry: null };
    const step = blank(unit.run, asked, batch.tx.now);
    const mode = !byPerson && (unsure || unit.playbook.policy[undone.action]?.undo === 'ask') ? 'ask' : 'auto';
    batch.changes.effect({ ...(action ? described(step, action) : step), mode, approved: plan.approved, status: place === 0 ? 'ready' : 'waiting', undoes: undone.id, plan: plan.id });
  }
  batch.leftWork = true;
}

/** Begins the plan of the run that waited for an effect still being called, if there is one. */
export async function beginWaitingPlan(batch: StepBatch, unit: Unit): Promise<void> {
  const effects = await effectsOf(batch, unit);
  const plan = effects.find(({ kind, status, verdict, approved }) => kind === 'plan' && status === 'waiting' && (verdict === null || approved !== null));
  if (plan && !effects.some((effect) => effect.plan === plan.id)) await beginPlan(batch, unit, plan);
}

/** Goes on with the next step once one is at its end, whatever that was: a failure keeps no other effect from being taken back. */
export async function continuePlan(batch: StepBatch, unit: Unit, planId: string | null): Promise<void> {
  const effects = await effectsOf(batch, unit);
  const plan = effects.find(({ id }) => id === planId);
  if (!plan || plan.status !== 'waiting') return;
  const steps = effects.filter((effect) => effect.plan === plan.id);
  if (steps.some(({ status, verdict }) => status === 'ready' || status === 'leased' || (status === 'waiting' && verdict !== null))) return;
  const next = steps.find(({ status }) => status === 'waiting');
  if (!next) {
    const made = await planOf(batch, unit, plan, effects);
    return end(batch, unit, plan, steps.map((step) => ({ step, undone: effects.find(({ id }) => id === step.undoes) })), made);
  }
  const { id, fence, attempts, approved } = next;
  batch.changes.change({ id, expected: 'waiting', fence, attempt: attempts, status: 'ready', detached: false, output: null, error: null, undo_input: null, approved, detail: null });
  batch.leftWork = true;
}

/** The end of an undo that a person asked for. A run that was being cancelled is cancelled then. */
export function commandPlanEnded(batch: StepBatch, unit: Unit, final: Final): void {
  const { [COMMAND_UNDO]: _plan, ...invokes } = unit.run.awaits.invokes;
  const cancelled = unit.run.status === 'cancelling';
  const ended = cancelled ? { status: 'done' as const, outcome: 'cancelled' as const, finishedAt: batch.tx.now } : {};
  const detail: JsonObject = final.status === 'done' ? { result: final.output.result } : { error: final.error.message };
  batch.record(unit, { ...unit.run, ...ended, awaits: { ...unit.run.awaits, invokes } }, 'undo_ended', detail, RUNTIME_ACTOR);
  if (cancelled) batch.finished(unit, RUNTIME_ACTOR);
}

function end(batch: StepBatch, unit: Unit, plan: Effect, steps: readonly { readonly step: Effect; readonly undone: Effect | undefined }[], made: UndoPlan | undefined): void {
  const listed: JsonObject[] = steps.map(({ step, undone }) => ({
    effectId: step.undoes, invokeId: undone?.invokeId ?? null, action: undone?.action ?? step.action, state: step.status === 'done' ? 'undone' : 'failed', why: step.error?.message ?? null,
  }));
  const skipped: JsonObject[] = (made?.skipped ?? []).map((effect) => ({ ...effect, state: 'skipped' }));
  const failures = steps.filter(({ step }) => step.status !== 'done');
  const output = builtInOutput({ effects: [...listed, ...skipped] }, 'each undo was verified by itself');
  const first = failures[0]?.step.error;
  const doubtful = made?.doubtful ?? [];
  if (!first && doubtful.length > 0) {
    const message = `it is not known whether ${doubtful.map(({ action }) => action).join(', ')} happened, so it could not be taken back`;
    const error: EffectError = { code: 'UNKNOWN_OUTCOME', message, retryable: false, attempts: 0 };
    return settle(batch, unit, plan, { status: 'failed', error, output, undoInput: null, happened: true });
  }
  if (!first) return settle(batch, unit, plan, { status: 'done', output, undoInput: null });
  const error: EffectError = { ...first, message: `${failures.length} of ${steps.length} could not be taken back; first: ${first.message}`, retryable: false };
  settle(batch, unit, plan, { status: 'failed', error, output, undoInput: null, happened: true });
}

/** What an undo would take back of the effects; undefined where its scope cannot be read. */
export async function planOf(batch: StepBatch, unit: Unit, plan: Pick<Effect, 'action' | 'input'>, known?: readonly Effect[]): Promise<UndoPlan | undefined> {
  const scope = plan.action === UNDO_ACTION ? readScope(plan.input.scope ?? 'all') : undefined;
  if (!scope) return undefined;
  const { run, playbook } = unit;
  const effects = known ?? (await effectsOf(batch, unit));
  const values = scope.kind === 'since' ? await batch.tx.query<{ seq: number; value: string }>(VALUES_OF_RUN, [run.id]) : [];
  return planUndo(scope, effects, values, batch.parts.actions, playbook.policy);
}

const effectsOf = async ({ tx }: StepBatch, { run }: Unit): Promise<Effect[]> => (await tx.query<EffectRow>(EFFECTS_OF_RUN, [run.id])).map(fromEffectRow);
