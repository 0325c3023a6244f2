import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { ENTITY_TYPES, type EntityRef, type EntityType } from '../kernel/index.js';

/** An entity as the configuration names it, or a range of addresses. */
export interface NamedEntity extends EntityRef {
  /** For an IP range in CIDR form. */
  readonly range?: { readonly address: string; readonly bits: number };
}

const isEntityType = (text: string): text is EntityType => (ENTITY_TYPES as readonly string[]).includes(text);

/** `type:value`; the type ends at the first colon, so `ip:2001:db8::/32` is a range. A name that could never match is refused. */
export const entityName = z.string().transform((text, context): NamedEntity => {
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message: `'${text}' ${message}` });
    return z.NEVER;
  };
  const colon = text.indexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  const value = text.slice(colon + 1).trim();
  if (!isEntityType(type) || value === '') return refuse(`names nobody; write one of ${ENTITY_TYPES.join(', ')}, a colon and a name, such as account:backup@example.com`);
  if (type !== 'ip') return { type, value };
  if (ipaddr.isValid(value)) return { type, value };
  if (!ipaddr.isValidCIDR(value)) return refuse('is no IP address or range; write ip:192.0.2.1 or ip:192.0.2.0/24');
  const [address, bits] = ipaddr.parseCIDR(value);
  return { type, value, range: { address: address.toString(), bits } };
});
