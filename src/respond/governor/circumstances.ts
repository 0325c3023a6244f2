import type { Criticality, EntityRef } from '../../kernel/index.js';
import type { KillSwitch } from './kill-switch.js';

/** What holds at the time of a decision, beside the request and the policy. */
export interface Circumstances {
  readonly now: Date;
  /** Those that are on and concern the action. */
  readonly switches: readonly KillSwitch[];
  /** One for each entity that the effect acts on. */
  readonly subjects: readonly Subject[];
  readonly usage: Usage;
}

/** Someone or something acted on, as far as protection and counting are concerned. */
export interface Subject {
  readonly entity: EntityRef;
  /** Every name it is known by, as `type:key`; for the cool-down. */
  readonly names: readonly string[];
  /** One name under which a person, account or token is counted; undefined for machines and addresses. */
  readonly identity: string | undefined;
  /** Lists of the configuration that name it. */
  readonly listed: readonly ('own' | 'refuse' | 'ask')[];
  /** `unknown` where context cannot say it; machines and addresses are no break-glass identities. */
  readonly breakGlass: 'yes' | 'no' | 'unknown';
  /** For people: why `breakGlass` is what it is. */
  readonly breakGlassWhy: string;
  /** Highest that context states. */
  readonly criticality: Criticality | null;
}

/** What was let go and not given back, without the effect that is decided on. */
export interface Usage {
  /** The effect has its slot already: caps and cool-down have let it pass. */
  readonly holdsSlot: boolean;
  /** Destructive actions in the last hour. */
  readonly destructiveInHour: number;
  /** Actions of this id in the last hour. */
  readonly actionInHour: number;
  /** Identities other than this effect's that destructive actions hit within the window of the share. */
  readonly identitiesHit: number;
  /** Accounts that context knows, or people where it knows no accounts. */
  readonly directorySize: number;
  /** Newest action of this id on one of the names. */
  readonly lastOnSubject: Date | null;
}
