import type { IncidentSnapshot } from '../../kernel/index.js';
import { classOf } from './action-class.js';
import type { Case } from './case.js';
import type { GovernorRequest } from './governor.js';
import type { CapPolicy, GovernorPolicy } from './governor-policy.js';
import type { Opinion } from './opinion.js';

/** Milliseconds for which an action on someone keeps the same one from going by itself; 0 for none. */
export function cooldownOf({ id, destructive }: GovernorRequest['action'], { cooldown }: GovernorPolicy): number {
  return cooldown.actionsMs.get(id) ?? (destructive ? cooldown.periodMs : 0);
}

/** Whether what goes is counted at all: only then does a decision need a slot. */
export function isCounted({ action, isUndo }: Pick<GovernorRequest, 'action' | 'isUndo'>, policy: GovernorPolicy): boolean {
  return !isUndo && (classOf(action) === 'destructive' || policy.caps.actions.has(action.id) || cooldownOf(action, policy) > 0);
}

export function judgeCooldown({ request: { action }, policy, circumstances: { now, usage } }: Case): Opinion[] {
  const period = cooldownOf(action, policy);
  if (usage.holdsSlot || period === 0 || usage.lastOnSubject === null) return [];
  const until = new Date(usage.lastOnSubject.getTime() + period);
  if (until <= now) return [];
  return [{ decision: 'ask', reason: `${action.id} went for the same one at ${usage.lastOnSubject.toISOString()}; it goes again by itself from ${until.toISOString()} on` }];
}

export function judgeCaps(one: Case): Opinion[] {
  if (one.circumstances.usage.holdsSlot) return [];
  return [...judgeClassCap(one), ...judgeActionCap(one), ...judgeShare(one)];
}

function judgeClassCap({ request: { action, incident }, policy: { caps }, circumstances: { usage } }: Case): Opinion[] {
  if (!action.destructive) return [];
  return judgeCap('destructive actions', caps.perHour, usage.destructiveInHour, caps, incident);
}

function judgeActionCap({ request: { action, incident }, policy: { caps }, circumstances: { usage } }: Case): Opinion[] {
  const cap = caps.actions.get(action.id);
  return cap === undefined ? [] : judgeCap(action.id, cap, usage.actionInHour, caps, incident);
}

function judgeCap(what: string, cap: number, used: number, { reserve }: CapPolicy, incident: IncidentSnapshot | null): Opinion[] {
  // Rounded down, so that a cap of a few leaves something for incidents of every level.
  const kept = incident?.level === 'critical' ? 0 : Math.floor(cap * reserve);
  if (used < cap - kept) return [];
  const rest = kept > 0 ? `, ${kept} of which are kept for incidents of level critical` : '';
  return [{ decision: 'ask', page: true, reason: `the cap of ${cap} ${what} an hour${rest} is spent: ${used} went in the last hour` }];
}

/** Accounts that may be hit within the window. At least one, so that a small directory is not without any answer; none where the share is 0. */
export function shareLimit({ share }: CapPolicy, directorySize: number): number {
  return share === 0 || directorySize === 0 ? 0 : Math.max(1, Math.floor(directorySize * share));
}

function judgeShare({ request: { action }, policy: { caps }, circumstances: { usage, subjects } }: Case): Opinion[] {
  const identities = new Set(subjects.map(({ identity }) => identity).filter((identity) => identity !== undefined)).size;
  if (!action.destructive || identities === 0) return [];
  if (usage.directorySize === 0) return [{ decision: 'ask', reason: 'context knows no accounts, so it is not known what share of them is hit' }];
  const most = shareLimit(caps, usage.directorySize);
  if (usage.identitiesHit + identities <= most) return [];
  const within = `${Math.round(caps.shareWindowMs / 3_600_000)} h`;
  return [{ decision: 'ask', page: true, reason: `the cap of ${most} accounts in ${within} (${Number((caps.share * 100).toFixed(4))} % of ${usage.directorySize}) is spent: ${usage.identitiesHit} were hit and this hits ${identities}` }];
}
