import { entityKey, type AccountFact, type AccountKind, type EndpointFact, type EntityFact, type EntityType, type PersonFact } from '../kernel/index.js';

/** What a row states: the fact without where it comes from. */
type Stated<F extends EntityFact> = Omit<F, 'type' | 'known' | 'source' | 'asOf'>;

export type PersonBody = Omit<Stated<PersonFact>, 'via'>;
export type AccountBody = Stated<AccountFact>;
export type EndpointBody = Stated<EndpointFact>;

export type EntryBody =
  | { readonly type: 'person'; readonly body: PersonBody }
  | { readonly type: 'account'; readonly body: AccountBody }
  | { readonly type: 'endpoint'; readonly body: EndpointBody };

/** A name under which an entry is found. */
export interface EntryName {
  readonly kind: EntityType;
  readonly key: string;
  /** Empty where the name is not tied to a system. */
  readonly system: string;
  /** Member of the row that claims it. */
  readonly field: string;
}

/** A row that was understood. */
export type Entry = EntryBody & {
  /** Names the entry among those of its type, in the form of `entityKey`. */
  readonly key: string;
  /** Key of the person it refers to: manager, person, owner. */
  readonly personKey: string | null;
  readonly names: readonly EntryName[];
};

export const personKey = (id: string): string => entityKey({ type: 'person', value: id });

/** Key of an account: an id is unique within its system. A system has no colon. */
export const accountKey = (system: string | null, id: string): string => `${system ?? ''}:${entityKey({ type: 'account', value: id })}`;

export const endpointKey = (id: string): string => entityKey({ type: 'endpoint', value: id });

export function entryName(kind: EntityType, value: string, field: string, system = ''): EntryName {
  return { kind, key: entityKey({ type: kind, value }), system, field };
}

/**
 * Who stands behind a name that an entry claims. Two entries may share one where the answer to "who acts under it" stays
 * the same: the accounts of one person.
 */
export function claimant(type: EntityFact['type'], key: string, kind: AccountKind | undefined, person: string | null): string {
  return type === 'account' && kind === 'human' && person !== null ? `person:${person}` : `${type}:${key}`;
}
