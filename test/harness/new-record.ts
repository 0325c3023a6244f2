import { createHash } from 'node:crypto';
import { uuidv7, type NewRecord } from '../../src/kernel/index.js';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A record to append, received now and without a dedupe key unless told. */
export function newRecord(body = '{}', overrides: Partial<NewRecord> = {}): NewRecord {
  return {
    id: uuidv7(),
    source: 'gateway',
    stream: 'cordon.gateway',
    delivery: 'delivery-1',
    itemIndex: 0,
    dedupeKey: null,
    bodyHash: sha256(body),
    body: Buffer.from(body),
    receivedAt: new Date(),
    ...overrides,
  };
}

/** A dedupe key as intake makes it: 32 bytes that name the record. */
export const dedupeKey = (name: string): Buffer => sha256(`key ${name}`);
