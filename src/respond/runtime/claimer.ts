import type { ExternalAction } from '../../kernel/index.js';
import { crashPoint, toJson, type Database, type DatabaseTx } from '../../platform/index.js';
import type { Verdict } from '../governor/governor.js';
import { governorRequest, leased } from './admission.js';
import { failedWith, givenUp, settlementOf } from './attempt.js';
import { askFor } from './deferred.js';
import type { Effect } from './effect.js';
import { CLAIMABLE, LOCK_DESTRUCTIVE, NEXT_READY, WRITE_CLAIMS } from './effect-sql.js';
import type { Final } from './outcome.js';
import { fromEffectRow, type EffectRow, type RunRow } from './rows.js';
import type { Run } from './run.js';
import type { StepParts } from './step-parts.js';

/** An effect leased to this process. `final`: it is not called any more, only settled. */
export interface Claimed {
  readonly effect: Effect;
  readonly final: Final | undefined;
  /** Whether an earlier attempt may have changed something at the target. */
  readonly touched: boolean;
}

/** What of a run the decision on one of its effects needs. */
type RunOfEffect = Pick<Run, 'id' | 'playbookId' | 'incidentId' | 'episode' | 'incident' | 'requestedBy' | 'approvals'>;

type ClaimRow = EffectRow & Pick<RunRow, 'playbook_id' | 'incident_id' | 'episode' | 'incident' | 'requested_by' | 'approvals'> & { touched: boolean };

/**
 * Takes effects that were not handed over with their step, and those whose holder is gone: lease, the governor's decision and the
 * row of the attempt in one transaction, before anything is called.
 */
export class Claimer {
  constructor(
    private readonly database: Database,
    private readonly parts: StepParts,
  ) {}

  /** A destructive effect is claimed by itself: the caps that it reserves are held up by no other one. */
  async claim(limit: number, destructive: boolean): Promise<Claimed[]> {
    const claimed = await this.database.transaction(async (tx) => {
      if (destructive) await tx.query(LOCK_DESTRUCTIVE);
      const rows = await tx.prepared<ClaimRow>(CLAIMABLE.name, CLAIMABLE.text, [tx.now, destructive ? 1 : limit, destructive]);
      const taken: Taken[] = [];
      for (const row of rows) taken.push({ ...(await this.#take(tx, fromEffectRow(row), runOf(row), row.touched)), touched: row.touched });
      if (taken.length > 0) await tx.prepared(WRITE_CLAIMS.name, WRITE_CLAIMS.text, [toJson(taken.map(toClaim)), tx.now, this.parts.instance]);
      for (const { ask } of taken) await ask?.();
      return taken;
    });
    crashPoint('effect.claimed');
    return claimed.filter(({ effect }) => effect.status === 'leased').map(({ effect, final, touched }) => ({ effect, final, touched }));
  }

  /** When the next retry is due; undefined where there is none. */
  async nextDue(): Promise<Date | undefined> {
    const [row] = await this.database.prepared<{ at: Date | null }>(NEXT_READY.name, NEXT_READY.text, [await this.database.now()]);
    return row?.at ?? undefined;
  }

  async #take(tx: DatabaseTx, found: Effect, run: RunOfEffect, touched: boolean): Promise<Attempted> {
    const { parts } = this;
    let effect = found;
    if (effect.status === 'leased') {
      const lost = settlementOf(effect, { kind: 'lost' }, tx.now, touched);
      if (lost.status !== 'retry') return this.#end(tx, effect, lost);
      // Nobody wants it any more, and what is to be taken back must not be done again.
      if (effect.detached) return this.#end(tx, effect, givenUp(effect, lost, touched));
      effect = { ...effect, deadline: null };
    }
    if (effect.deadline && tx.now >= effect.deadline) {
      const error = { code: 'TIMEOUT' as const, message: 'its time was over before it could be tried again', retryable: false, attempts: effect.attempts };
      return this.#end(tx, effect, failedWith(effect, error, touched));
    }
    const action = parts.actions.find(effect.action);
    if (!action || action.effectClass === 'in-database') {
      const error = { code: 'INPUT_INVALID' as const, message: `${effect.action}: no connector of this installation offers it`, retryable: false, attempts: effect.attempts };
      return this.#end(tx, effect, failedWith(effect, error, touched));
    }
    if (effect.verdict?.decision === 'go') return { effect: leased(effect, parts.instance, tx.now, parts.leaseMs), called: true };
    return this.#decide(tx, effect, run, action, touched);
  }

  async #decide(tx: DatabaseTx, effect: Effect, run: RunOfEffect, action: ExternalAction, touched: boolean): Promise<Attempted> {
    const { governor, desk, instance, leaseMs, askDeadlineMs } = this.parts;
    const request = governorRequest(run, effect, action);
    const verdict: Verdict = await governor.decide(tx, request);
    const decided: Effect = { ...effect, verdict, approved: request.approved && { approvalId: request.approved.approvalId, by: [...request.approved.by] } };
    if (verdict.decision === 'go') return { effect: leased(decided, instance, tx.now, leaseMs), called: true };
    if (verdict.decision === 'ask') {
      const asking: Effect = { ...decided, status: 'waiting', leaseOwner: null, leaseUntil: null, fence: effect.fence + 1 };
      return { effect: asking, called: false, ask: () => desk.request(tx, askFor(run, asking, action, verdict, tx.now, askDeadlineMs)) };
    }
    const error = { code: 'GOVERNOR_REFUSED' as const, message: verdict.reasons.join('; '), retryable: false, attempts: effect.attempts };
    return this.#end(tx, decided, failedWith(decided, error, touched));
  }

  /** A lease without an attempt: whoever holds it settles. */
  #end(tx: DatabaseTx, effect: Effect, final: Final): Attempted {
    const held = leased(effect, this.parts.instance, tx.now, this.parts.leaseMs);
    return { effect: { ...held, attempts: effect.attempts }, called: false, final };
  }
}

interface Attempted {
  readonly effect: Effect;
  readonly called: boolean;
  readonly final?: Final;
  readonly ask?: () => Promise<string>;
}

type Taken = Attempted & Pick<Claimed, 'touched'>;

const toClaim = ({ effect, called }: Taken) => ({
  id: effect.id, status: effect.status, attempts: effect.attempts, fence: effect.fence, lease_owner: effect.leaseOwner, lease_until: effect.leaseUntil, deadline: effect.deadline,
  verdict: effect.verdict, approved: effect.approved, called,
});

const runOf = (row: ClaimRow): RunOfEffect => ({
  id: row.run_id, playbookId: row.playbook_id, incidentId: row.incident_id, episode: row.episode, incident: row.incident, requestedBy: row.requested_by, approvals: row.approvals,
});
