import type { EffectOutput, JsonObject } from '../../kernel/index.js';
import type { Settlement } from './attempt.js';
import { takenBack, withResult } from './containment.js';
import { APPROVAL_ACTION, COMMAND_UNDO, type Effect } from './effect.js';
import { effectFact, RUNTIME_ACTOR } from './stated.js';
import type { StepBatch, Unit } from './step-batch.js';
import { wouldHaveCalled } from './admission.js';
import { visibleInput } from './visible-input.js';

export type Final = Exclude<Settlement, { status: 'retry' }>;

/**
 * Ends an effect and, in the same transaction, lets the machine hear of it, where it still waits for this very effect. One
 * whose state was left is only recorded: what got through late can be undone, but moves nothing.
 *
 * @param effect as it was seen; where it changed since, the transaction is rolled back (`StaleEffects`)
 */
export function settle(batch: StepBatch, unit: Unit, effect: Effect, final: Final): void {
  const { changes } = batch;
  const { run } = unit;
  // What an earlier attempt came to holds where the last one failed.
  const output = final.output ?? effect.output;
  const error = final.status === 'done' ? null : withWouldHave(batch, effect, final.error);
  const undoInput = output?.already ? null : (final.undoInput ?? effect.undoInput);
  const awaited = effect.invokeId !== null && run.awaits.invokes[effect.invokeId] === effect.id;
  const late = effect.kind === 'invoke' && !awaited;
  changes.change({
    id: effect.id, expected: effect.status, fence: effect.fence, attempt: effect.attempts, status: final.status, detached: late, output, error, undo_input: undoInput, approved: effect.approved,
    detail: error?.message ?? null,
  });
  if (effect.kind === 'plan' && effect.invokeId === COMMAND_UNDO) return batch.defer({ kind: 'command-ended', effect, final });
  if (effect.kind === 'plan' || effect.action === APPROVAL_ACTION) return hear(batch, unit, effect, final, awaited);
  report(batch, unit, effect, final, late);
  if (final.status !== 'done' && !final.happened && effect.verdict?.decision === 'go') batch.defer({ kind: 'release', effect });
  if (effect.kind === 'undo') {
    if (final.status === 'done') undone(batch, unit, effect);
    batch.defer({ kind: 'undo-step', effect });
  } else if (late || effect.destructive) batch.defer({ kind: 'late', effect });
  hear(batch, unit, effect, final, awaited);
}

/** Output of a built-in: playbooks read the members of its result directly, too. */
export function builtInOutput(result: JsonObject, why: string): EffectOutput {
  const output: EffectOutput = { result, verify: { state: 'verified', residual_access_until: null, why }, already: false, attempts: 1 };
  return { ...result, ...output };
}

function undone({ changes }: StepBatch, { run }: Unit, { id, undoes, action, attempts }: Effect): void {
  if (undoes === null) return;
  changes.undone(undoes);
  changes.facts.push(effectFact('effect.undone', run, { id: undoes, action, invokeId: null }, { attempts, by: id }));
}

function hear(batch: StepBatch, unit: Unit, effect: Effect, final: Final, awaited: boolean): void {
  const { invokeId } = effect;
  if (!awaited || invokeId === null) return;
  if (effect.destructive && effect.kind === 'invoke') {
    unit.run = final.status === 'done' ? withResult(unit.run, effect, 'done', final.output.verify.residual_access_until) : withResult(unit.run, effect, 'failed');
    batch.changes.run(unit.run);
  }
  if (effect.kind === 'plan') {
    // What got through while the plan waited for it was taken back with the rest.
    unit.run = takenBack(unit.run);
    batch.changes.run(unit.run);
  }
  const input = final.status === 'done' ? { kind: 'done' as const, invokeId, output: final.output } : { kind: 'error' as const, invokeId, error: withWouldHave(batch, effect, final.error) };
  unit.queue.push({ input, effectId: effect.id });
}

function withWouldHave({ parts }: StepBatch, { action, input, verdict }: Effect, error: Exclude<Final, { status: 'done' }>['error']) {
  return error.code === 'GOVERNOR_REFUSED' && wouldHaveCalled(verdict) ? { ...error, wouldHave: { action, input: visibleInput(parts.actions, action, input) } } : error;
}

function report(batch: StepBatch, { run }: Unit, effect: Effect, final: Final, late: boolean): void {
  const { changes, parts } = batch;
  const { action, attempts } = effect;
  if (final.status === 'done') changes.facts.push(effectFact('effect.done', run, effect, { verify: final.output.verify, already: final.output.already, attempts, late }));
  else changes.facts.push(effectFact('effect.failed', run, effect, { code: final.error.code, message: final.error.message, attempts }));
  if (effect.destructive || effect.kind === 'undo') {
    const detail = { run: run.id, action, input: visibleInput(parts.actions, action, effect.input), status: final.status, attempts, ...(final.status === 'done' ? { verify: final.output.verify } : { error: final.error.message }) };
    changes.audits.push({ action: `respond.effect_${final.status}`, actor: RUNTIME_ACTOR, target: `effect:${effect.id}`, detail });
  }
  batch.reports.push(() => parts.metrics.cordon_respond_effects_total.inc({ action, status: final.status }));
}
