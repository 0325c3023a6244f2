import { GOVERNOR_MODES, type GovernorMode } from '../engine/playbook-source.js';
import { classOf, isReversible } from './action-class.js';
import type { Case } from './case.js';
import type { GovernorRequest } from './governor.js';
import type { GovernorPolicy } from './governor-policy.js';
import type { Opinion } from './opinion.js';

interface Mode {
  readonly mode: GovernorMode;
  /** Who set it. */
  readonly reason: string;
}

/** The stricter of what the playbook wants and what the deployment allows at most. */
export function modeOf({ action, mode, playbook, isUndo }: Pick<GovernorRequest, 'action' | 'mode' | 'playbook' | 'isUndo'>, policy: GovernorPolicy): Mode {
  const wanted = mode === undefined ? unstated(action.destructive && !isUndo, playbook) : { mode, reason: `mode ${mode}: playbook ${playbook} says so` };
  const own = policy.actions.get(action.id)?.mode;
  if (own !== undefined) return stricter(wanted, { mode: own, reason: `mode ${own}: respond.policy of this deployment says so for ${action.id}` });
  if (isUndo) return wanted;
  const byClass = policy.modes[classOf(action)];
  return stricter(wanted, { mode: byClass, reason: `mode ${byClass}: respond.modes of this deployment allows no more to actions of class ${classOf(action)}` });
}

function unstated(destructive: boolean, playbook: string): Mode {
  const mode = destructive ? 'ask' : 'auto';
  return { mode, reason: `mode ${mode}: playbook ${playbook} states none` };
}

const stricter = (a: Mode, b: Mode): Mode => (GOVERNOR_MODES.indexOf(b.mode) < GOVERNOR_MODES.indexOf(a.mode) ? b : a);

export function judgeMode(mode: GovernorMode, reason: string): Opinion[] {
  if (mode === 'auto') return [];
  return [{ decision: mode === 'ask' ? 'ask' : 'refuse', reason }];
}

/** Only of mode auto. */
export function judgeReversibility({ request: { action }, policy }: Case): Opinion[] {
  if (!action.destructive || isReversible(action) || policy.actions.get(action.id)?.irreversible) return [];
  return [{ decision: 'ask', reason: `${action.id} cannot be taken back (${'none' in action.undo ? action.undo.none : ''}), so a person is asked` }];
}

/**
 * Only of mode auto: what is taken away without a person rests on two streams that do not depend on each other, or on a
 * rule that the deployment trusts alone. Sources that anyone may post to are no evidence, and two sources of one stream are one.
 */
export function judgeEvidence({ request: { action, incident }, policy }: Case): Opinion[] {
  if (!action.destructive) return [];
  if (!incident) return [{ decision: 'ask', reason: 'the run has no incident, so there is no evidence on which it could go by itself' }];
  const streams = new Set(incident.sources.map((source) => policy.streams.get(source)).filter((stream) => stream !== undefined));
  if (streams.size >= 2) return [];
  if (streams.size === 1 && incident.rules.some((rule) => policy.promotedRules.has(rule))) return [];
  const seen = streams.size === 1 ? `only the stream ${[...streams].join('')} of an authenticated source has` : 'no authenticated source has';
  return [{ decision: 'ask', reason: `${seen} seen incident ${incident.id}, and none of its rules is promoted` }];
}
