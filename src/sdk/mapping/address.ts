import { isIP, isIPv4 } from 'node:net';

export interface Endpoint {
  /** IP address, without brackets and zone. */
  readonly ip?: string;
  /** Host name, when the host is no IP address. */
  readonly domain?: string;
  readonly port?: number;
}

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** A valid IP address in the text, else undefined. Takes `[::1]`, a zone (`fe80::1%eth0`), a port, and IPv4 mapped to IPv6. */
export function parseIp(text: string): string | undefined {
  if (isIP(text) !== 0 && !text.includes('%')) return MAPPED_IPV4.exec(text)?.[1] ?? text;
  return parseEndpoint(text)?.ip;
}

const BRACKETED = /^\[([^\]%]+)(?:%[^\]]*)?\](?::(\d{1,5}))?$/;
const HOST_AND_PORT = /^([^\s:/?#@]+)(?::(\d{1,5}))?$/;

/** Splits `host`, `host:port`, `[v6]:port`. Undefined when it is none of them. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const zoneless = text.replace(/%[\w.]+$/, '');
  if (isIP(zoneless) === 6) return { ip: MAPPED_IPV4.exec(zoneless)?.[1] ?? zoneless };
  const bracketed = BRACKETED.exec(text);
  if (bracketed) return isIP(bracketed[1] ?? '') === 6 ? endpoint({ ip: bracketed[1] }, bracketed[2]) : undefined;
  const plain = HOST_AND_PORT.exec(text);
  if (!plain?.[1]) return undefined;
  return endpoint(isIPv4(plain[1]) ? { ip: plain[1] } : { domain: plain[1] }, plain[2]);
}

function endpoint(host: Endpoint, portText: string | undefined): Endpoint {
  const port = portText === undefined ? undefined : parsePort(portText);
  return port === undefined ? host : { ...host, port };
}

/** A port number (0 to 65535), else undefined. */
export function parsePort(value: unknown): number | undefined {
  const port = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  return Number.isInteger(port) && port >= 0 && port <= 65535 ? port : undefined;
}

/** A MAC address in the form that ECS asks for (RFC 7042): `00-00-5E-00-53-23`. Undefined when the text is none. */
export function formatMac(text: string): string | undefined {
  const digits = text.replace(/[-:.\s]/g, '').toUpperCase();
  if (!/^(?:[0-9A-F]{12}|[0-9A-F]{16})$/.test(digits)) return undefined;
  return digits.match(/../g)?.join('-');
}
