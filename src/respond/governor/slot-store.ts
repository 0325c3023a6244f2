import type { Tx } from '../../kernel/index.js';
import { classOf } from './action-class.js';
import type { Subject, Usage } from './circumstances.js';
import type { GovernorRequest } from './governor.js';
import type { GovernorPolicy } from './governor-policy.js';
import { cooldownOf } from './judge-limits.js';
import { LOCK_SLOTS, READ_TOTALS, READ_USAGE, RELEASE_SLOT, RESERVE_SLOT } from './sql.js';

const HOUR_MS = 3_600_000;

type Counts = Omit<Usage, 'directorySize'>;

/** The slots of the effects that were let go. A slot that is not given back counts for what it was taken for, whatever became of the effect. */
export class SlotStore {
  /** Until the end of the transaction nobody else takes a slot. Comes before the counts on which a reservation rests. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(LOCK_SLOTS);
  }

  async usage(tx: Tx, { effectId, action }: GovernorRequest, policy: GovernorPolicy, subjects: readonly Subject[]): Promise<Counts> {
    const ago = (milliseconds: number) => new Date(tx.now.getTime() - milliseconds);
    const params = [effectId, action.id, ago(HOUR_MS), ago(policy.caps.shareWindowMs), ago(cooldownOf(action, policy)), namesOf(subjects), identitiesOf(subjects)];
    const [row] = await tx.query<Counts>(READ_USAGE, params);
    if (!row) throw new Error('the counts of slots gave no row');
    return row;
  }

  async totals(tx: Tx, { caps }: GovernorPolicy): Promise<Pick<Usage, 'destructiveInHour' | 'identitiesHit'>> {
    const [row] = await tx.query<Pick<Usage, 'destructiveInHour' | 'identitiesHit'>>(READ_TOTALS, [new Date(tx.now.getTime() - HOUR_MS), new Date(tx.now.getTime() - caps.shareWindowMs)]);
    if (!row) throw new Error('the totals of slots gave no row');
    return row;
  }

  async reserve(tx: Tx, { effectId, runId, incident, action, approved }: GovernorRequest, subjects: readonly Subject[]): Promise<void> {
    await tx.query(RESERVE_SLOT, [
      effectId, runId, incident?.id ?? null, action.id, classOf(action), approved?.approvalId ?? null, namesOf(subjects), identitiesOf(subjects), tx.now,
    ]);
  }

  /** @returns whether the effect had a slot */
  async release(tx: Tx, effectId: string): Promise<boolean> {
    return (await tx.query(RELEASE_SLOT, [effectId, tx.now])).length > 0;
  }
}

const namesOf = (subjects: readonly Subject[]): string[] => [...new Set(subjects.flatMap(({ names }) => names))];
const identitiesOf = (subjects: readonly Subject[]): string[] => [...new Set(subjects.flatMap(({ identity }) => identity ?? []))];
