import { ecsValue, type EcsEvent } from '../kernel/index.js';
import { toJson, type CopyValue } from '../platform/index.js';

/** Columns of table `event`, in the order in which {@link eventRow} gives their values. */
export const EVENT_COLUMNS = [
  'position', 'record_id', 'source', 'stream', 'received_at', 'event_time', 'kind', 'action', 'severity', 'user_name', 'user_id', 'source_ip',
  'token_id', 'destination', 'doc', 'bytes',
] as const;

export interface EventPlace {
  readonly position: number;
  readonly id: string;
  readonly source: string;
  readonly stream: string;
  readonly receivedAt: Date;
}

/** An index entry of PostgreSQL holds at most 2704 bytes; the whole value stays in `doc`. */
const MAX_COLUMN = 512;
/** What the column holds; a vendor's number beyond it stays in `doc`. */
const MAX_SEVERITY = 0x7fffffff;

/** Where the search columns come from: the first path that has a value. */
const PATHS = {
  userName: ['user.email', 'user.name'],
  userId: ['user.id'],
  sourceIp: ['source.ip', 'client.ip'],
  tokenId: ['cordon.gateway.token.id'],
  destination: ['destination.domain', 'destination.ip', 'cordon.dlp.destination'],
} as const;

/** A normalised document as a row for COPY. */
export function eventRow(document: EcsEvent, { position, id, source, stream, receivedAt }: EventPlace): CopyValue[] {
  const severity = ecsValue(document, 'event.severity');
  const doc = toJson(document);
  return [
    position,
    id,
    source,
    stream,
    receivedAt,
    new Date(document['@timestamp']),
    text(document, ['event.kind']) ?? 'event',
    text(document, ['event.action']),
    typeof severity === 'number' && Math.abs(severity) <= MAX_SEVERITY ? Math.trunc(severity) : null,
    text(document, PATHS.userName),
    text(document, PATHS.userId),
    text(document, PATHS.sourceIp),
    text(document, PATHS.tokenId),
    text(document, PATHS.destination),
    doc,
    Buffer.byteLength(doc),
  ];
}

function text(document: EcsEvent, paths: readonly string[]): string | null {
  for (const path of paths) {
    const value = ecsValue(document, path);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === 'string' && first !== '') return first.slice(0, MAX_COLUMN);
    if (typeof first === 'number') return String(first);
  }
  return null;
}
