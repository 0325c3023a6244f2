import { crashPoint } from '../../platform/index.js';
import type { ApprovalDecision, Caller } from '../approval/approval-desk.js';
import type { StepInput } from '../engine/compiled-playbook.js';
import { carryOutCommand, type RunCommand } from './commands.js';
import { approves } from './deferred.js';
import { APPROVAL_ACTION, type Effect } from './effect.js';
import { builtInOutput, settle, type Final } from './outcome.js';
import { fromEffectRow, type EffectRow } from './rows.js';
import type { Run } from './run.js';
import { READ_EFFECT, READ_INBOX } from './sql.js';
import type { Delivery, StepBatch, Unit } from './step-batch.js';

/** What can be done to a run. */
export type Work =
  | { readonly kind: 'settle'; readonly runId: string; readonly effect: Effect; readonly final: Final }
  | { readonly kind: 'timer'; readonly runId: string; readonly timerId: string; readonly generation: number; readonly due: Date }
  /** Read what waits for the run. */
  | { readonly kind: 'inbox'; readonly runId: string }
  | { readonly kind: 'command'; readonly runId: string; readonly command: RunCommand; readonly caller: Caller };

export interface WorkDone {
  /** The run afterwards; undefined where there is no such run. */
  readonly run: Run | undefined;
  readonly delivery: Delivery | undefined;
}

/** An entry of the inbox: an event or a completion that was held, or what people decided. */
export type InboxBody = { readonly input: StepInput; readonly effectId?: string } | { readonly decision: ApprovalDecision };

interface InboxRow {
  position: number;
  run_id: string;
  dedupe_key: string;
  body: InboxBody;
  actor: string;
}

/** Works through what was given to the runs of a batch, each run's in its order. */
export async function workThrough(batch: StepBatch, works: readonly Work[]): Promise<WorkDone[]> {
  const inboxes = await readInboxes(batch, works);
  const deliveries: (Delivery | undefined)[] = [];
  for (const work of works) {
    const unit = batch.unit(work.runId);
    deliveries.push(unit && (await one(batch, unit, work, inboxes.get(work.runId) ?? [])));
    if (unit) await batch.drain(unit);
  }
  await batch.write();
  return works.map((work, index) => ({ run: batch.unit(work.runId)?.run, delivery: deliveries[index] }));
}

async function one(batch: StepBatch, unit: Unit, work: Work, inbox: readonly InboxRow[]): Promise<Delivery | undefined> {
  switch (work.kind) {
    case 'settle':
      settle(batch, unit, work.effect, work.final);
      return undefined;
    case 'timer':
      return fire(batch, unit, work);
    case 'inbox':
      for (const row of inbox) await readEntry(batch, unit, row);
      return undefined;
    case 'command':
      return carryOutCommand(batch, unit, work.command, work.caller);
  }
}

/** A timer that was armed anew or given up since it was read, or whose time is not come by the database's clock, does nothing. */
async function fire(batch: StepBatch, unit: Unit, { timerId, generation, due }: Extract<Work, { kind: 'timer' }>): Promise<Delivery | undefined> {
  const { now } = batch.tx;
  if (unit.run.status === 'suspended' || unit.run.awaits.timers[timerId] !== generation || due > now) return undefined;
  const lateMs = now.getTime() - due.getTime();
  batch.changes.timer(unit.run.id, timerId, undefined);
  const delivery = await batch.deliver(unit, { kind: 'timer', timerId, due, lateMs });
  batch.reports.push(() => batch.parts.metrics.cordon_respond_timer_late_seconds.observe(lateMs / 1000));
  crashPoint('timer.fired');
  return delivery;
}

async function readInboxes(batch: StepBatch, works: readonly Work[]): Promise<Map<string, InboxRow[]>> {
  const ids = works.filter(({ kind }) => kind === 'inbox').map(({ runId }) => runId);
  const byRun = new Map<string, InboxRow[]>();
  if (ids.length === 0) return byRun;
  for (const row of await batch.tx.query<InboxRow>(READ_INBOX, [ids])) {
    const rows = byRun.get(row.run_id) ?? [];
    rows.push(row);
    byRun.set(row.run_id, rows);
  }
  crashPoint('inbox.read');
  return byRun;
}

async function readEntry(batch: StepBatch, unit: Unit, { position, body, actor }: InboxRow): Promise<void> {
  if (unit.run.status === 'suspended') return;
  if ('decision' in body) {
    await decided(batch, unit, body.decision);
    batch.changes.inbox(position, 'applied');
  } else {
    const delivery = await batch.deliver(unit, revived(body.input), actor, body.effectId);
    batch.changes.inbox(position, delivery === 'dead' ? 'dead' : 'applied');
  }
  await batch.drain(unit);
}

/** A completion that was kept in the database, with its times as times again. */
function revived(input: StepInput): StepInput {
  return input.kind === 'timer' ? { ...input, due: new Date(input.due) } : input;
}

/** What people decided about an effect that waits for them. One that no longer waits, or whose state was left, is past caring. */
async function decided(batch: StepBatch, unit: Unit, { effectId, approvalId, decision, by, reason }: ApprovalDecision): Promise<void> {
  const [row] = await batch.tx.query<EffectRow>(READ_EFFECT, [effectId]);
  const effect = row && fromEffectRow(row);
  if (!effect || effect.runId !== unit.run.id || effect.status !== 'waiting') return;
  if (effect.invokeId !== null && unit.run.awaits.invokes[effect.invokeId] !== effect.id) return;
  const approved = { approvalId, by: [...by] };
  if (effect.action === APPROVAL_ACTION) {
    const covered = approves(effect);
    const others = Object.entries(unit.run.approvals).filter(([invokeId]) => !covered.includes(invokeId));
    const granted = decision === 'approved' ? covered.map((invokeId) => [invokeId, approved] as const) : [];
    unit.run = { ...unit.run, approvals: Object.fromEntries([...others, ...granted]) };
    batch.changes.run(unit.run);
    return settle(batch, unit, effect, { status: 'done', output: builtInOutput({ decision, by: [...by], reason }, 'people decided it'), undoInput: null });
  }
  if (decision !== 'approved') {
    const message = reason === '' ? `it was ${decision}` : `it was ${decision}: ${reason}`;
    return settle(batch, unit, effect, { status: 'refused', error: { code: 'APPROVAL_DENIED', message, retryable: false, attempts: effect.attempts }, output: null, undoInput: null, happened: false });
  }
  const isPlan = effect.kind === 'plan';
  const { id, fence, attempts } = effect;
  batch.changes.change({
    id, expected: 'waiting', fence, attempt: attempts, status: isPlan ? 'waiting' : 'ready', detached: false, output: null, error: null, undo_input: null, approved, detail: null,
  });
  if (isPlan) batch.defer({ kind: 'plan', effect: { ...effect, approved } });
  else batch.leftWork = true;
}

