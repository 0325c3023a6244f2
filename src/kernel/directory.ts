import type { EntityRef } from './entity.js';
import type { Tx } from './tx.js';

/**
 * Port of the context: what is known of people, accounts and assets. An answer states its source and how old it is, or
 * is {@link Unknown} with the reason. A member that is null was not stated by the source: it is unknown too, not "no".
 */

export const PERSON_STATUSES = ['active', 'leaving', 'suspended', 'left'] as const;
export type PersonStatus = (typeof PERSON_STATUSES)[number];

export const ACCOUNT_KINDS = ['human', 'service', 'shared'] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

export const CRITICALITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** Where an answer comes from. */
export interface Provenance {
  readonly known: true;
  /** Name of the import source. */
  readonly source: string;
  /** Time of the newest import of that source which still states this; its age is counted from here. */
  readonly asOf: Date;
}

export interface PersonFact extends Provenance {
  readonly type: 'person';
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  /** Id of the manager; null where none is stated. */
  readonly manager: string | null;
  /** Whether the source states that there is no manager, as for the head of a company. */
  readonly isTop: boolean;
  readonly team: string | null;
  readonly status: PersonStatus | null;
  /** Last working day, `YYYY-MM-DD`. */
  readonly leaverDate: string | null;
  readonly criticality: Criticality | null;
  readonly breakGlass: boolean | null;
  /** Set where the person was found through an account: that link has a source and an age of its own. */
  readonly via?: { readonly account: string; readonly system: string | null; readonly source: string; readonly asOf: Date };
}

export interface AccountFact extends Provenance {
  readonly type: 'account';
  readonly id: string;
  readonly system: string | null;
  readonly kind: AccountKind;
  /** Id of the person: who uses a human account, who answers for any other. */
  readonly person: string | null;
  readonly criticality: Criticality | null;
  readonly breakGlass: boolean | null;
}

export interface EndpointFact extends Provenance {
  readonly type: 'endpoint';
  readonly id: string;
  readonly name: string | null;
  /** Id of the person who answers for it. */
  readonly owner: string | null;
  readonly team: string | null;
  readonly criticality: Criticality | null;
  /** The company's own word for the data behind it, such as `confidential`. */
  readonly dataClass: string | null;
}

export type EntityFact = PersonFact | AccountFact | EndpointFact;

/**
 * Why there is no answer. `not_found`: nothing has the name; `ambiguous`: several have it; `not_personal`: nobody acts in
 * person under it; `not_stated`: the source is silent on what was asked; `dangling`: it names a person nobody states.
 */
export type UnknownReason = 'not_found' | 'ambiguous' | 'not_personal' | 'not_stated' | 'dangling';

export interface Unknown {
  readonly known: false;
  readonly reason: UnknownReason;
  /** For people: what was looked for and what was in the way. */
  readonly detail: string;
}

/** The managers above a person, the nearest first. */
export interface ManagerChain {
  readonly managers: readonly PersonFact[];
  /** `top` where the last one is stated to have no manager; otherwise why the chain breaks off. */
  readonly end: 'top' | Unknown;
}

export interface DirectoryOptions {
  /** Answers as they were at this time; default: now. */
  readonly at?: Date;
  /** Reads inside this transaction. A caller that is in one must pass it, or it waits for a second connection. */
  readonly tx?: Tx;
}

export interface Directory {
  /**
   * What is known under a name: a person by id, an account by name, e-mail address or alias, a token as the account it
   * belongs to, an address, host or endpoint as the endpoint entry that lists it.
   */
  resolve(entity: EntityRef, options?: DirectoryOptions): Promise<EntityFact | Unknown>;
  /**
   * The person who acts under a name. Owners of assets and of service or shared accounts do not act through them: those
   * are unknown with reason `not_personal`.
   */
  personOf(entity: EntityRef, options?: DirectoryOptions): Promise<PersonFact | Unknown>;
  /** The managers above a person given by id. A person nobody states has no managers and an unknown end. */
  managersOf(personId: string, options?: DirectoryOptions): Promise<ManagerChain>;
  /** Whether `personId` reports to `managerId`, directly or not. `unknown` where the chain breaks off before it is found. */
  reportsTo(personId: string, managerId: string, options?: DirectoryOptions): Promise<'yes' | 'no' | 'unknown'>;
  /** Number of entries known, for caps that are shares of the directory. */
  count(type: EntityFact['type'], options?: DirectoryOptions): Promise<number>;
}

export const DIRECTORY = Symbol('Directory');
