import { classOf } from './action-class.js';
import type { Case } from './case.js';
import type { GovernorRequest, Verdict } from './governor.js';
import { judgeCaps, judgeCooldown } from './judge-limits.js';
import { judgeEvidence, judgeMode, judgeReversibility, modeOf } from './judge-mode.js';
import { judgeProtection } from './judge-protection.js';
import { describeSwitch } from './kill-switch.js';
import type { Opinion } from './opinion.js';

/**
 * Decides on one effect. Pure.
 *
 * Judged in this order: kill switch, protected identities, mode, what cannot be taken back, evidence, cool-down, caps. Each
 * judgement may ask for a person or refuse; none can allow. The strictest wins and the first of the strictest is the
 * deciding reason. An approval meets what was asked for and nothing that was refused. An undo is judged by its mode alone.
 */
export function decide({ request, policy, circumstances }: Case): Verdict {
  const { mode, reason } = modeOf(request, policy);
  const opinions = request.isUndo ? judgeMode(mode, reason) : judgeAll({ request, policy, circumstances }, mode, reason);
  const refusals = opinions.filter(({ decision }) => decision === 'refuse');
  const asks = opinions.filter(({ decision }) => decision === 'ask');
  const reasons = [...refusals, ...asks].map((opinion) => opinion.reason);
  if (refusals.length > 0) return { decision: 'refuse', mode, reasons, page: false };
  if (asks.length === 0) return { decision: 'go', mode, reasons: goReasons(request, reason), page: false };
  if (request.approved) {
    const { approvalId, by } = request.approved;
    const people = by.length > 0 ? by.join(', ') : 'its safe default';
    return { decision: 'go', mode: 'ask', reasons: [`approved by ${people} (approval ${approvalId})`, ...reasons.map((text) => `${text}; the approval overrides it`)], page: false };
  }
  return { decision: 'ask', mode: 'ask', reasons, page: mode === 'auto' && asks.every(({ page }) => page) };
}

function judgeAll(one: Case, mode: Verdict['mode'], reason: string): Opinion[] {
  return [
    ...one.circumstances.switches.map((on): Opinion => ({ decision: 'refuse', reason: describeSwitch(on) })),
    ...judgeProtection(one),
    ...judgeMode(mode, reason),
    ...(mode === 'auto' ? [...judgeReversibility(one), ...judgeEvidence(one)] : []),
    ...judgeCooldown(one),
    ...judgeCaps(one),
  ];
}

function goReasons({ isUndo, action, incident }: GovernorRequest, mode: string): string[] {
  if (isUndo) return [mode, 'it gives back what was taken: kill switch, caps and cool-down do not concern it'];
  if (classOf(action) !== 'destructive') return [mode];
  return [mode, `incident ${incident?.id ?? ''} has the evidence that it takes: sources ${incident?.sources.join(', ') ?? ''}, rules ${incident?.rules.join(', ') ?? ''}`];
}
