import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Level } from '../../kernel/index.js';
import { parseEndpoint, type Endpoint } from './address.js';
import { toNanoseconds, type DurationUnit } from './duration.js';
import type { EcsDraft } from './ecs-draft.js';
import type { RecordView } from './record-view.js';
import { severityOf } from './severity.js';

/** Functions for field tables: `'event.duration': nanoseconds('ms', 'durationMs')`. */
type Rule<T> = (record: RecordView) => T | undefined;

/** A length of time in the given unit, as ECS wants it: in nanoseconds. */
export const nanoseconds = (unit: DurationUnit, ...paths: readonly string[]): Rule<number> => (record) =>
  toNanoseconds(record.value(...paths), unit);

/** A vendor's severity word on the scale 21/47/73/99; see {@link severityOf}. */
export const severity = (paths: string | readonly string[], words?: Readonly<Record<string, Level>>): Rule<number> => {
  const list = typeof paths === 'string' ? [paths] : paths;
  return (record) => {
    const word = record.text(...list);
    return word === undefined ? undefined : severityOf(word, words);
  };
};

/** `success` below 400, else `failure`. */
export const httpOutcome = (...paths: readonly string[]): Rule<'success' | 'failure'> => (record) => {
  const status = record.number(...paths);
  return status === undefined || status < 100 ? undefined : status < 400 ? 'success' : 'failure';
};

/** The version in `HTTP/1.1`. */
export const httpVersion = (...paths: readonly string[]): Rule<string> => (record) => /^HTTP\/([\d.]+)$/i.exec(record.text(...paths) ?? '')?.[1];

/** One part of a `host:port` text. */
export const endpointPart = <K extends keyof Endpoint>(part: K, ...paths: readonly string[]): Rule<Endpoint[K]> => (record) => {
  const text = record.text(...paths);
  return text === undefined ? undefined : parseEndpoint(text)?.[part];
};

/** The text in lower case. */
export const lowerCase = (...paths: readonly string[]): Rule<string> => (record) => record.text(...paths)?.toLowerCase();

/** The value that a table gives for the record's text, in any case; undefined for a text that the table does not know. */
export const lookup = <T>(table: Readonly<Record<string, T>>, ...paths: readonly string[]): Rule<T> => {
  const byWord = new Map(Object.entries(table).map(([word, value]) => [word.toLowerCase(), value]));
  return (record) => byWord.get((record.text(...paths) ?? '').toLowerCase());
};

const IANA_NUMBER: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, sctp: 132 };

/**
 * Community ID version 1, seed 0, of the flow that a draft describes (github.com/corelight/community-id-spec). Undefined
 * when an address, a port or the transport is missing.
 */
export function communityId(draft: EcsDraft): string | undefined {
  const [sourceIp, destinationIp] = [draft.get('source.ip'), draft.get('destination.ip')];
  const [sourcePort, destinationPort] = [draft.get('source.port'), draft.get('destination.port')];
  const transport = draft.get('network.transport');
  const protocol = typeof transport === 'string' ? IANA_NUMBER[transport] : undefined;
  if (typeof sourceIp !== 'string' || typeof destinationIp !== 'string' || protocol === undefined || protocol === 1) return undefined;
  if (typeof sourcePort !== 'number' || typeof destinationPort !== 'number' || isIPv6(sourceIp) !== isIPv6(destinationIp)) return undefined;
  const ends = [
    { ip: Buffer.from(ipaddr.parse(sourceIp).toByteArray()), port: sourcePort },
    { ip: Buffer.from(ipaddr.parse(destinationIp).toByteArray()), port: destinationPort },
  ].sort((a, b) => Buffer.compare(a.ip, b.ip) || a.port - b.port);
  const ports = Buffer.alloc(4);
  ends.forEach(({ port }, i) => ports.writeUInt16BE(port, i * 2));
  const hash = createHash('sha1').update(Buffer.from([0, 0])).update(Buffer.concat(ends.map(({ ip }) => ip)));
  return `1:${hash.update(Buffer.from([protocol, 0])).update(ports).digest('base64')}`;
}
