import ipaddr from 'ipaddr.js';

/** What a signal can be about. An endpoint is an API endpoint; a host is a machine. */
export const ENTITY_TYPES = ['person', 'account', 'token', 'ip', 'host', 'endpoint'] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** A name by which a record refers to an entity, as the record writes it. */
export interface EntityRef {
  readonly type: EntityType;
  /** Person id; account name, e-mail address or alias; token id; address; host name; endpoint. */
  readonly value: string;
  /** The system in which an account or token has this name, such as `okta`, where the record says so. */
  readonly system?: string;
}

/**
 * The form of a name in which two spellings of it are equal: NFKC and lower case, a host also without its final dot, an
 * address in canonical text with IPv4 taken out of IPv6. Token ids keep their case, since theirs matters.
 */
export function entityKey({ type, value }: Pick<EntityRef, 'type' | 'value'>): string {
  const text = value.normalize('NFKC').trim();
  if (type === 'token') return text;
  if (type === 'ip') return ipaddr.isValid(text) ? ipaddr.process(text).toString() : text.toLowerCase();
  // Upper case first: letters such as ß and final sigma have several lower-case spellings of one upper-case form.
  const folded = text.toUpperCase().toLowerCase().normalize('NFKC').trim();
  return type === 'host' ? folded.replace(/[\s.]+$/, '') : folded;
}
