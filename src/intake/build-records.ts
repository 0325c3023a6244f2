import { isUtf8 } from 'node:buffer';
import { createHmac, hash, type KeyObject } from 'node:crypto';
import { uuidv7, type NewRecord } from '../kernel/index.js';
import type { ItemCode } from './intake.errors.js';
import { rewriteRecord } from './rewrite-record.js';
import { depthOf, startsObject, type ByteRange } from './scan-json.js';
import type { IntakeSource } from './sources.js';

export interface RecordLimits {
  readonly maxRecordBytes: number;
  readonly maxDepth: number;
}

/** One received request after authentication. */
export interface Delivery {
  readonly source: IntakeSource;
  readonly id: string;
  /** Whether `id` came from the sender (or its signature), so that a retry carries it again. */
  readonly named: boolean;
  readonly receivedAt: Date;
}

export interface Rejection {
  readonly index: number;
  readonly code: ItemCode;
}

export interface BuiltRecords {
  readonly records: NewRecord[];
  readonly rejected: Rejection[];
}

/** Checks each record, applies the field policy and makes the rows of the log; a bad record refuses itself, not the others. */
export function buildRecords(body: Buffer, ranges: readonly ByteRange[], delivery: Delivery, limits: RecordLimits, hashKey: KeyObject): BuiltRecords {
  const { source } = delivery;
  const trusted = isUtf8(body);
  const records: NewRecord[] = [];
  const rejected: Rejection[] = [];
  ranges.forEach((range, index) => {
    const received = body.subarray(range.start, range.end);
    const stored = storedForm(received, source, limits, trusted);
    if (typeof stored === 'string') {
      rejected.push({ index, code: stored });
      return;
    }
    const bodyHash = createHmac('sha256', hashKey).update(received).digest();
    records.push({
      id: uuidv7(),
      source: source.name,
      stream: source.stream,
      delivery: delivery.id,
      itemIndex: index,
      dedupeKey: dedupeKey(delivery, index, bodyHash),
      bodyHash,
      body: stored,
      receivedAt: delivery.receivedAt,
    });
  });
  return { records, rejected };
}

/** The record after field policy, or the code that refuses it. */
function storedForm(received: Buffer, source: IntakeSource, { maxRecordBytes, maxDepth }: RecordLimits, trusted: boolean): Buffer | ItemCode {
  if (received.length > maxRecordBytes) return 'intake.record_too_large';
  if (!trusted && !isUtf8(received)) return 'intake.invalid_utf8';
  if (source.format === 'text' && source.policy.isEmpty) return received;
  const whole = { start: 0, end: received.length };
  if (depthOf(received, whole, maxDepth) > maxDepth) return 'intake.too_deep';
  const text = received.toString('utf8');
  const isObject = startsObject(received, whole);
  if (!isJson(text)) return source.format === 'text' ? 'intake.policy_needs_json' : 'intake.invalid_json';
  if (!isObject) return source.format === 'text' ? 'intake.policy_needs_json' : 'intake.not_an_object';
  return source.policy.isEmpty ? received : Buffer.from(rewriteRecord(text, source.policy));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function dedupeKey({ source, id, named }: Delivery, index: number, bodyHash: Buffer): Buffer | null {
  switch (source.dedupe) {
    case 'delivery':
      return named ? hash('sha256', `${source.name}\n${id}\n${index}`, 'buffer') : null;
    case 'body':
      return bodyHash;
    case 'none':
      return null;
  }
}
