import type { NamedEntity, ResolvedConfig } from '../../config/index.js';
import type { Criticality } from '../../kernel/index.js';
import type { GovernorMode } from '../engine/playbook-source.js';
import type { ActionClass } from './action-class.js';

/** What this deployment allows, as the configuration states it. */
export interface GovernorPolicy {
  /** Most that a class may do by itself. */
  readonly modes: Readonly<Record<ActionClass, GovernorMode>>;
  readonly actions: ReadonlyMap<string, ActionPolicy>;
  readonly caps: CapPolicy;
  readonly cooldown: { readonly periodMs: number; readonly actionsMs: ReadonlyMap<string, number> };
  readonly protected: ProtectionPolicy;
  /** Ids of rules for which one source is enough. */
  readonly promotedRules: ReadonlySet<string>;
  /** Stream by name of each source whose senders prove who they are: the others are no evidence. */
  readonly streams: ReadonlyMap<string, string>;
}

export interface ActionPolicy {
  /** In place of the class's. */
  readonly mode?: GovernorMode | undefined;
  readonly irreversible: boolean;
}

export interface CapPolicy {
  /** Destructive actions in any hour. */
  readonly perHour: number;
  /** Part of each cap an hour that only incidents of level critical may use, 0 to 1. */
  readonly reserve: number;
  /** Part of the directory's accounts that may be hit within the window, 0 to 1. */
  readonly share: number;
  readonly shareWindowMs: number;
  /** Further caps an hour by action id. */
  readonly actions: ReadonlyMap<string, number>;
}

export interface ProtectionPolicy {
  readonly own: readonly NamedEntity[];
  readonly refuse: readonly NamedEntity[];
  readonly ask: readonly NamedEntity[];
  readonly breakGlass: 'refuse' | 'ask';
  readonly criticality: Criticality;
}

export function policyOf({ respond, sources }: Pick<ResolvedConfig, 'respond' | 'sources'>): GovernorPolicy {
  const { modes, policy, caps, cooldown, protected: protection, promotedRules } = respond;
  const authenticated = Object.entries(sources).filter(([, source]) => source.auth.type !== 'none');
  return {
    modes,
    actions: mapOf(policy),
    caps: { perHour: caps.perHour, reserve: caps.reserve / 100, share: caps.share / 100, shareWindowMs: caps.shareWindow, actions: mapOf(caps.actions) },
    cooldown: { periodMs: cooldown.period, actionsMs: mapOf(cooldown.actions) },
    protected: protection,
    promotedRules: new Set(promotedRules),
    streams: new Map(authenticated.map(([name, { stream }]) => [name, stream])),
  };
}

// Names come from outside: in an object, one such as `constructor` would be found without having been stated.
const mapOf = <T>(record: Readonly<Record<string, T>>): ReadonlyMap<string, T> => new Map(Object.entries(record));
