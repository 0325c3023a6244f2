import { derivedId, type JsonObject } from '../../kernel/index.js';
import type { Caller } from '../approval/approval-desk.js';
import type { PlaybookEvent } from '../engine/compiled-playbook.js';
import { respondErrors } from '../respond.errors.js';
import { blank } from './admission.js';
import { COMMAND_UNDO, UNDO_ACTION, type Effect } from './effect.js';
import type { Run, RunStatus } from './run.js';
import { HOLD_TIMERS, RELEASE_TIMERS } from './sql.js';
import { mayUndo } from './undo-request.js';
import type { Delivery, StepBatch, Unit } from './step-batch.js';

/** What people do to a run. Not events of its playbook: each works in every state of the machine and ends in one definite status. */
export type RunCommand =
  /** `undo`: whether what it did is taken back first; `ask` leaves that to an approver, as does `all` of a caller who could not approve it. */
  | { readonly kind: 'cancel'; readonly undo: 'all' | 'none' | 'ask'; readonly reason: string }
  | { readonly kind: 'suspend'; readonly reason: string }
  | { readonly kind: 'resume'; readonly reason: string }
  /** Of a finished run. */
  | { readonly kind: 'undo'; readonly scope: string | string[]; readonly reason: string }
  | { readonly kind: 'event'; readonly event: PlaybookEvent };

/** @throws CordonError `respond.run_state`, `respond.event_not_accepted`: nothing of the batch was changed by then */
export async function carryOutCommand(batch: StepBatch, unit: Unit, command: RunCommand, caller: Caller): Promise<Delivery | undefined> {
  const { tx } = batch;
  const { run } = unit;
  const { actor } = caller;
  switch (command.kind) {
    case 'cancel':
      require(run, 'cancelled', ['active', 'suspended']);
      cancel(batch, unit, command, command.undo === 'ask' || (command.undo === 'all' && !(await mayUndo(batch, unit, 'all', caller))), actor);
      return undefined;
    case 'suspend':
      require(run, 'suspended', ['active']);
      await tx.query(HOLD_TIMERS, [run.id, tx.now]);
      batch.record(unit, { ...run, status: 'suspended' }, 'suspended', { reason: command.reason }, actor);
      return undefined;
    case 'resume':
      require(run, 'resumed', ['suspended']);
      await tx.query(RELEASE_TIMERS, [run.id, tx.now]);
      batch.record(unit, { ...run, status: 'active' }, 'resumed', { reason: command.reason }, actor);
      batch.leftWork = true;
      return undefined;
    case 'undo':
      require(run, 'undone', ['done']);
      if (run.awaits.invokes[COMMAND_UNDO] !== undefined) throw respondErrors.create('respond.run_state', { detail: 'what it did is being taken back already' });
      begin(batch, unit, { status: 'done', command: 'undo_begun', detail: { scope: command.scope, reason: command.reason }, scope: command.scope, ask: !(await mayUndo(batch, unit, command.scope, caller)) }, actor);
      return undefined;
    case 'event':
      require(run, 'sent events', ['active']);
      if (!unit.playbook.accepts(run.state, command.event, tx.now)) {
        throw respondErrors.create('respond.event_not_accepted', { detail: `no transition waits for ${command.event.type} where the run is now` });
      }
      return batch.deliver(unit, { kind: 'event', event: command.event }, actor);
  }
}

function cancel(batch: StepBatch, unit: Unit, { undo, reason }: Extract<RunCommand, { kind: 'cancel' }>, ask: boolean, actor: string): void {
  batch.stopWaiting(unit);
  const detail = { undo, reason };
  if (undo === 'none') {
    batch.record(unit, { ...unit.run, status: 'done', outcome: 'cancelled', finishedAt: batch.tx.now }, 'cancelled', detail, actor);
    return batch.finished(unit, actor);
  }
  begin(batch, unit, { status: 'cancelling', command: 'cancelled', detail, scope: 'all', ask }, actor);
}

interface Begun {
  readonly status: RunStatus;
  readonly command: string;
  readonly detail: JsonObject;
  readonly scope: string | string[];
  /** Whether an approver decides on it first. */
  readonly ask: boolean;
}

/** Puts up the plan by which a person's command takes back what a run did. */
function begin(batch: StepBatch, unit: Unit, { status, command, detail, scope, ask }: Begun, actor: string): void {
  const { run } = unit;
  const seq = run.seq + 1;
  const id = derivedId('effect', run.id, seq, 0);
  const asked = { id, runId: run.id, seq, index: 0, kind: 'plan' as const, invokeId: COMMAND_UNDO, action: UNDO_ACTION, input: { scope }, timeoutMs: null, retry: null };
  const plan: Effect = { ...blank(run, asked, batch.tx.now), status: 'waiting' };
  batch.record(unit, { ...run, status, awaits: { ...run.awaits, invokes: { ...run.awaits.invokes, [COMMAND_UNDO]: id } } }, command, detail, actor);
  if (ask) {
    const verdict = { decision: 'ask' as const, mode: 'ask' as const, reasons: ['taking back what the run did is left to an approver: the command says so, or who gave it could not approve it alone'], page: false };
    batch.changes.effect({ ...plan, verdict });
    batch.defer({ kind: 'ask-undo', effect: { ...plan, verdict } });
    return;
  }
  // The person who asked for it may decide it and did: nobody is asked again for each step.
  const decided: Effect = { ...plan, approved: { approvalId: `command:${seq}`, by: [actor] } };
  batch.changes.effect(decided);
  batch.defer({ kind: 'plan', effect: decided });
}

function require(run: Run, what: string, statuses: readonly RunStatus[]): void {
  if (!statuses.includes(run.status)) throw respondErrors.create('respond.run_state', { detail: `a run that is ${run.status} cannot be ${what}` });
}
