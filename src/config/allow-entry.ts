import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** One entry of `outbound.allow`: a name or a range of addresses, and the port if only one is meant. */
export interface AllowEntry {
  /** Lower case, without the final dot. */
  readonly host?: string;
  readonly range?: readonly [ipaddr.IPv4 | ipaddr.IPv6, number];
  readonly port?: number;
}

const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const HIGHEST_PORT = 65_535;

/** Undefined where the text is none of: name, address, CIDR range, each with or without `:port` (IPv6 with a port in brackets). */
export function parseAllowEntry(text: string): AllowEntry | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text);
  // One colon ends in a port; more are an IPv6 address.
  const [, subject = text, port] = bracketed ?? /^([^:]+):(\d{1,5})$/.exec(text) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > HIGHEST_PORT)) return undefined;
  const target = rangeOf(subject) ?? hostOf(subject, bracketed !== null);
  return target && { ...target, ...(port === undefined ? {} : { port: Number(port) }) };
}

function rangeOf(text: string): Pick<AllowEntry, 'range'> | undefined {
  if (ipaddr.isValidCIDR(text)) return { range: ipaddr.parseCIDR(text) };
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { range: [ipaddr.IPv4.parse(text), 32] };
  if (text.includes(':') && ipaddr.IPv6.isValid(text)) return { range: [ipaddr.IPv6.parse(text), 128] };
  return undefined;
}

function hostOf(text: string, bracketed: boolean): Pick<AllowEntry, 'host'> | undefined {
  const host = text.toLowerCase().replace(/\.$/, '');
  // Names of digits alone are addresses in disguise (2130706433 is 127.0.0.1): write the address.
  return !bracketed && NAME.test(host) && !/^[\d.]+$|^0x/.test(host) ? { host } : undefined;
}

export const allowEntry = z
  .string()
  .refine((text) => parseAllowEntry(text) !== undefined, { error: ({ input }) => `${JSON.stringify(input)} is no name, address or CIDR range, with or without :port` });
