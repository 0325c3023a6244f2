import { isCordonError, uuidv7, type ActionCatalogue, type AuditSink, type CordonError, type FactSink, type JsonObject, type NewFact, type Principal, type Tx } from '../../kernel/index.js';
import type { Database, LogWriter, Metrics, WakeUp } from '../../platform/index.js';
import type { ApprovalDesk, ApprovalListener, ApprovalRequest, Caller } from './approval-desk.js';
import { approvalErrors } from './approval.errors.js';
import type { approvalLogEvents } from './approval.log-events.js';
import type { approvalMetrics } from './approval.metrics.js';
import { atDeadline, remindAt, requireOpen, withdrawn, withVote, type Approval, type Choice } from './approval.js';
import type { ApprovalStore } from './approval-store.js';
import type { ApproverFinder } from './approvers.js';
import type { NoticeQueue } from './notice-queue.js';
import { redact } from './redact.js';
import type { Standing } from './standing.js';

export interface ApprovalServiceParts {
  readonly database: Database;
  readonly store: ApprovalStore;
  readonly approvers: ApproverFinder;
  readonly notices: NoticeQueue;
  readonly facts: FactSink;
  readonly audit: AuditSink;
  /** Absent where no connector offers actions: then every action counts as destructive. */
  readonly catalogue: ActionCatalogue;
  readonly metrics: Metrics<typeof approvalMetrics>;
  readonly log: LogWriter<typeof approvalLogEvents>;
  /** Told after a commit that wrote facts. */
  readonly written: WakeUp;
}

export interface VoteRequest {
  readonly choice: Choice;
  readonly reason: string;
}

const SYSTEM = 'system:approvals';

/** Asks people and takes their votes. Each step is one transaction: the approval, its fact, its audit entry and what the runtime makes of it. */
export class ApprovalService implements ApprovalDesk {
  #listener: ApprovalListener | undefined;

  constructor(private readonly parts: ApprovalServiceParts) {}

  attach(listener: ApprovalListener): void {
    this.#listener = listener;
  }

  async request(tx: Tx, request: ApprovalRequest): Promise<string> {
    const { store, facts, audit, notices, metrics, log } = this.parts;
    const open = await store.lockOpenOf(tx, request.effectId);
    if (open) return open.id;
    const asked = this.#toApproval(request, tx.now);
    const approvers = await this.parts.approvers.approversOf(tx, asked);
    const tooFew = approvers.eligible.length < asked.quorum;
    const approval = { ...asked, breakGlass: tooFew };
    await store.insert(tx, approval);
    const { role, quorum, onDeadline } = approval;
    await facts.append(tx, [factOf('approval.requested', approval, { role, quorum, deadline: approval.deadline.toISOString(), onDeadline, actions: approval.content.would.map(({ action }) => action) })]);
    await audit.record(tx, [entryOf('approval.requested', request.requestedBy ?? SYSTEM, approval, { role, quorum, onDeadline, askedDefault: request.onDeadline, deadline: approval.deadline.toISOString() })]);
    await notices.enqueue(tx, approval.id, 'requested', approvers.eligible);
    if (tooFew) await this.#pageBreakGlass(tx, approval, approvers);
    metrics.cordon_approval_requested_total.inc({ playbook: approval.playbook });
    log('approval.requested', { approval: approval.id, playbook: approval.playbook, incident: approval.incidentId });
    return approval.id;
  }

  async mayDecide(tx: Tx, request: ApprovalRequest, caller: Caller): Promise<boolean> {
    return request.quorum <= 1 && (await this.parts.approvers.standing(tx, this.#toApproval(request, tx.now), caller)).standing.may;
  }

  async withdraw(tx: Tx, effectId: string, reason: string): Promise<void> {
    const { store, facts, audit } = this.parts;
    const before = await store.lockOpenOf(tx, effectId);
    if (!before) return;
    const approval = withdrawn(before, reason, tx.now);
    await store.save(tx, approval, before);
    await facts.append(tx, [factOf('approval.withdrawn', approval, { reason })]);
    await audit.record(tx, [entryOf('approval.withdrawn', SYSTEM, approval, { reason })]);
    this.#count(approval);
  }

  /**
   * Takes one vote. A vote that does not count leaves an audit entry all the same.
   * @param within runs first in the transaction; what it throws undoes everything
   * @throws CordonError `approval.*`
   */
  async vote(id: string, principal: Principal, { choice, reason }: VoteRequest, within?: (tx: Tx) => Promise<void>): Promise<Approval> {
    const { database, store, facts, audit, metrics, log, written } = this.parts;
    const result = await database.transaction(async (tx): Promise<Approval | CordonError> => {
      await within?.(tx);
      const found = await this.#lock(tx, id);
      if (!found) return approvalErrors.create('approval.unknown', { field: 'id' });
      const before = await this.#passDeadline(tx, found);
      const judged = await this.#judge(tx, before, principal, { choice, reason });
      if ('why' in judged) {
        await audit.record(tx, [entryOf('approval.vote_refused', principal.actor, before, { choice, reason, person: principal.person, because: judged.because })]);
        return judged.why;
      }
      await store.save(tx, judged, before);
      const { breakGlass = false } = judged.votes.at(-1) ?? {};
      await audit.record(tx, [entryOf('approval.voted', principal.actor, judged, { choice, reason, person: principal.person, breakGlass, state: judged.state })]);
      if (judged.state === 'approved' || judged.state === 'refused') {
        const by = votersOf(judged);
        await facts.append(tx, [factOf('approval.decided', judged, { decision: judged.state, by, reason })]);
        await this.#tell(tx, judged);
      }
      return judged;
    });
    written.notify();
    if (result instanceof Error) {
      metrics.cordon_approval_votes_refused_total.inc({ code: result.code });
      log('approval.vote_refused', { approval: id.slice(0, 36), actor: principal.actor, code: result.code });
      throw result;
    }
    if (result.state !== 'open') this.#count(result);
    return result;
  }

  /** Applies the deadline of an approval that has passed it; does nothing otherwise. */
  async expire(tx: Tx, id: string): Promise<void> {
    const found = await this.#lock(tx, id);
    if (found) await this.#passDeadline(tx, found);
  }

  /** Reminds who has not voted, and looks again whether enough people can decide. */
  async remind(tx: Tx, id: string): Promise<void> {
    const { store, approvers, notices } = this.parts;
    const before = await store.lock(tx, id);
    if (!before || before.state !== 'open' || before.remindAt === null || before.remindAt > tx.now) return;
    const found = await approvers.approversOf(tx, before);
    const voted = new Set(before.votes.map(({ person }) => person));
    const approvals = before.votes.length;
    const waiting = found.eligible.filter(({ id: person }) => !voted.has(person));
    const tooFew = !before.breakGlass && approvals + waiting.length < before.quorum;
    const approval = { ...before, remindAt: null, breakGlass: before.breakGlass || tooFew };
    await store.save(tx, approval, before);
    await notices.enqueue(tx, id, 'reminder', before.breakGlass ? [...waiting, ...found.breakGlass.filter(({ id: person }) => !voted.has(person))] : waiting);
    if (tooFew) await this.#pageBreakGlass(tx, approval, { ...found, eligible: waiting });
  }

  /** The run first, the approval then: the order of the runtime. */
  async #lock(tx: Tx, id: string): Promise<Approval | undefined> {
    const seen = await this.parts.store.find(tx, id);
    if (!seen) return undefined;
    await this.#listener?.lock?.(tx, seen.runId);
    return this.parts.store.lock(tx, id);
  }

  /** The approval with the vote, or why it does not count. */
  async #judge(tx: Tx, approval: Approval, principal: Principal, { choice, reason }: VoteRequest): Promise<Approval | Extract<Standing, { may: false }>> {
    const { standing, conflict } = await this.parts.approvers.standing(tx, approval, principal);
    if (!standing.may && conflict !== 'none') return standing;
    try {
      requireOpen(approval);
      if (!standing.may) return standing;
      return withVote(approval, { person: standing.person, choice, reason, actor: principal.actor, breakGlass: standing.breakGlass, at: tx.now });
    } catch (error) {
      if (isCordonError(error)) return { may: false, why: error, because: error.code };
      throw error;
    }
  }

  async #passDeadline(tx: Tx, before: Approval): Promise<Approval> {
    const { store, facts, audit, metrics, log } = this.parts;
    const approval = atDeadline(before, tx.now);
    if (approval === before) return before;
    await store.save(tx, approval, before);
    if (approval.state === 'open') {
      const deadline = approval.deadline.toISOString();
      await facts.append(tx, [factOf('approval.escalated', approval, { deadline })]);
      await audit.record(tx, [entryOf('approval.escalated', SYSTEM, approval, { deadline })]);
      const { breakGlass } = await this.parts.approvers.approversOf(tx, approval);
      await this.parts.notices.enqueue(tx, approval.id, 'break_glass', breakGlass);
      metrics.cordon_approval_escalated_total.inc();
      log('approval.escalated', { approval: approval.id, incident: approval.incidentId });
      return approval;
    }
    const decision = approval.state === 'approved' ? 'approved' : 'expired';
    const reason = approval.reason ?? '';
    await facts.append(tx, [factOf('approval.expired', approval, { decision, reason })]);
    await audit.record(tx, [entryOf('approval.expired', SYSTEM, approval, { decision, reason })]);
    await this.#tell(tx, approval);
    this.#count(approval);
    return approval;
  }

  async #pageBreakGlass(tx: Tx, approval: Approval, { eligible, breakGlass }: { eligible: readonly unknown[]; breakGlass: Parameters<NoticeQueue['enqueue']>[3] }): Promise<void> {
    const { facts, audit, notices, metrics, log } = this.parts;
    const about = { role: approval.role, quorum: approval.quorum, eligible: eligible.length };
    await facts.append(tx, [factOf('approval.too_few_approvers', approval, about)]);
    await audit.record(tx, [entryOf('approval.too_few_approvers', SYSTEM, approval, { ...about, breakGlass: breakGlass.map(({ id }) => id) })]);
    await notices.enqueue(tx, approval.id, 'break_glass', breakGlass);
    metrics.cordon_approval_too_few_approvers_total.inc();
    log('approval.too_few_approvers', { approval: approval.id, incident: approval.incidentId, ...about, breakGlass: breakGlass.length });
  }

  async #tell(tx: Tx, approval: Approval): Promise<void> {
    if (!this.#listener) throw new Error('an approval was decided, and nobody is attached to hear of it');
    const { id: approvalId, effectId, state, reason } = approval;
    const decision = state === 'approved' || state === 'refused' ? state : 'expired';
    await this.#listener.decided(tx, { approvalId, effectId, decision, by: votersOf(approval), reason: reason ?? '' });
  }

  #count({ id, state }: Approval): void {
    this.parts.metrics.cordon_approval_settled_total.inc({ state });
    this.parts.log('approval.settled', { approval: id, state });
  }

  #toApproval(request: ApprovalRequest, now: Date): Approval {
    const { effectId, runId, playbook, incidentId, episode, role, about, requestedBy, shows, would, deadline } = request;
    const harmless = would.every(({ action }) => this.parts.catalogue.find(action)?.destructive === false);
    return {
      id: uuidv7(now.getTime()), effectId, runId, playbook, incidentId, episode, role, about, requestedBy, deadline,
      quorum: Math.max(1, request.quorum),
      onDeadline: request.onDeadline === 'approve' && !harmless ? 'refuse' : request.onDeadline,
      content: { shows: redact(shows), would: would.map((effect) => ({ ...effect, input: redact(effect.input) })) },
      requestedAt: now, remindAt: remindAt(now, deadline), escalatedAt: null, breakGlass: false, state: 'open', decidedAt: null, reason: null, votes: [],
    };
  }
}

const votersOf = ({ votes }: Approval): string[] => votes.map(({ person }) => `person:${person}`);

type ApprovalFact = Extract<NewFact['type'], `approval.${string}`>;

function factOf<T extends ApprovalFact>(type: T, approval: Approval, more: Omit<NewFact<T>['body'], keyof AboutApproval>): NewFact<T> {
  return { type, subject: `approval:${approval.id}`, body: { ...aboutOf(approval), ...more } as NewFact<T>['body'] };
}

type AboutApproval = ReturnType<typeof aboutOf>;
const aboutOf = ({ id, runId, effectId, playbook, incidentId, episode }: Approval) => ({ approvalId: id, runId, effectId, playbook, incidentId, episode });

const entryOf = (action: string, actor: string, approval: Approval, detail: JsonObject) => ({
  action, actor, target: `approval:${approval.id}`, detail: { ...aboutOf(approval), ...detail },
});
