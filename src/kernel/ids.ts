import { createHash, randomFillSync } from 'node:crypto';

const POOL_SIZE = 4096;
const pool = Buffer.allocUnsafe(POOL_SIZE);
let used = POOL_SIZE;
let lastMillis = 0;
let counter = 0;

function randomBytes(count: number): Buffer {
  if (used + count > POOL_SIZE) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

/**
 * A UUID version 7 (RFC 9562 §5.7). Ids of one process increase: `rand_a` is a counter within the millisecond
 * (method 1 of §6.2), and a clock that steps back does not make them fall.
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastMillis) {
    lastMillis = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMillis += 1;
    counter = 0;
  }
  const random = randomBytes(8);
  const time = lastMillis.toString(16).padStart(12, '0');
  const randA = (0x7000 | counter).toString(16);
  const randB = ((random.readUInt8(0) & 0x3f) | 0x80).toString(16).padStart(2, '0') + random.toString('hex', 1, 8);
  return `${time.slice(0, 8)}-${time.slice(8)}-${randA}-${randB.slice(0, 4)}-${randB.slice(4)}`;
}

/**
 * A UUID version 8 (RFC 9562 §5.8) made of the SHA-256 of the parts: the id of a derived row (signal, effect), which
 * must come out the same when the derivation is repeated. Parts are length-prefixed, so `('ab','c')` differs from `('a','bc')`.
 */
export function derivedId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const text = String(part);
    hash.update(`${Buffer.byteLength(text)}:${text}`);
  }
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
