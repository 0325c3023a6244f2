import type { ActionDescriptions } from '../../kernel/index.js';
import type { GovernorPolicy } from './governor-policy.js';

/** A setting that takes a guard away, and what could be done. For people. */
export interface GovernorFinding {
  readonly setting: string;
  readonly detail: string;
}

/** More than this an hour is no bound on the harm of a mistake. */
const WIDE_CAP = 200;
const WIDE_SHARE = 0.1;

/**
 * What is dangerous in the settings of the governor. Pure.
 * @param breakGlass how many people and accounts context states as break-glass; undefined where it could not be asked
 */
export function examineGovernor(policy: GovernorPolicy, actions: ActionDescriptions, breakGlass: number | undefined): GovernorFinding[] {
  return [...unknownActions(policy, actions), ...wideCaps(policy, actions), ...thinEvidence(policy), ...nobodyProtected(policy, breakGlass)];
}

/** A restriction under a misspelt id restricts nothing. */
function unknownActions({ actions: own, caps, cooldown }: GovernorPolicy, actions: ActionDescriptions): GovernorFinding[] {
  const named = [['respond.policy', own], ['respond.caps.actions', caps.actions], ['respond.cooldown.actions', cooldown.actionsMs]] as const;
  return named.flatMap(([setting, map]) => [...map.keys()].filter((id) => !actions.find(id)).map((id) => ({ setting, detail: `${id} is no action of this build, so the setting has no effect` })));
}

function wideCaps(policy: GovernorPolicy, actions: ActionDescriptions): GovernorFinding[] {
  if (!automatic(policy, actions)) return [];
  const { caps, cooldown } = policy;
  const findings: GovernorFinding[] = [];
  if (caps.perHour > WIDE_CAP) findings.push({ setting: 'respond.caps.perHour', detail: `${caps.perHour} destructive actions an hour may run without a person` });
  if (caps.share > WIDE_SHARE) findings.push({ setting: 'respond.caps.share', detail: `${caps.share * 100} % of all accounts may be hit without a person` });
  if (caps.reserve === 0) findings.push({ setting: 'respond.caps.reserve', detail: 'nothing is kept for incidents of level critical: noise can use up the cap' });
  if (cooldown.periodMs === 0) findings.push({ setting: 'respond.cooldown.period', detail: 'the same action may hit the same one again and again' });
  return findings;
}

function thinEvidence({ modes, actions, promotedRules }: GovernorPolicy): GovernorFinding[] {
  const irreversible = [...actions].filter(([, own]) => own.irreversible && (own.mode ?? modes.destructive) === 'auto').map(([id]) => id);
  return [
    ...irreversible.map((id) => ({ setting: `respond.policy.${id}.irreversible`, detail: 'runs without a person and cannot be taken back' })),
    ...(promotedRules.has('*') ? [{ setting: 'respond.promotedRules', detail: '* is no rule id: rules are promoted one by one' }] : []),
  ];
}

function nobodyProtected({ protected: { own, refuse, ask } }: GovernorPolicy, breakGlass: number | undefined): GovernorFinding[] {
  const findings: GovernorFinding[] = [];
  if (own.length === 0) findings.push({ setting: 'respond.protected.own', detail: 'none of the accounts that Cordon works with is named: an action could lock it out' });
  if (refuse.length + ask.length === 0 && !breakGlass) findings.push({ setting: 'respond.protected', detail: 'nobody is protected: neither listed here nor stated as break-glass in context' });
  return findings;
}

/** Whether some destructive action may run without a person. */
function automatic({ modes, actions: own }: GovernorPolicy, actions: ActionDescriptions): boolean {
  return modes.destructive === 'auto' || [...own].some(([id, { mode }]) => mode === 'auto' && (actions.find(id)?.destructive ?? true));
}
