import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';

/** `X-Cordon-Signature: t=<unix seconds>,v1=<hex>[,v1=<hex>…]`; several values while a sender rotates its key. */
export interface SignatureHeader {
  /** The signed time exactly as written: it is part of the signed text. */
  readonly time: string;
  readonly seconds: number;
  readonly values: readonly Buffer[];
}

const MAX_HEADER_LENGTH = 1024;
const MAX_VALUES = 8;
const TIME = /^\d{1,12}$/;
const VALUE = /^[0-9a-f]{64}$/i;

/** Parses the header; undefined where it has another form. Members other than `t` and `v1` are ignored. */
export function parseSignatureHeader(header: string): SignatureHeader | undefined {
  if (header.length > MAX_HEADER_LENGTH) return undefined;
  let time: string | undefined;
  const values: Buffer[] = [];
  for (const member of header.split(',')) {
    const at = member.indexOf('=');
    const name = member.slice(0, Math.max(at, 0)).trim();
    const value = member.slice(at + 1).trim();
    if (name === 't') {
      if (time !== undefined || !TIME.test(value)) return undefined;
      time = value;
    } else if (name === 'v1') {
      if (!VALUE.test(value) || values.length === MAX_VALUES) return undefined;
      values.push(Buffer.from(value, 'hex'));
    }
  }
  return time === undefined || values.length === 0 ? undefined : { time, seconds: Number(time), values };
}

/** HMAC-SHA256 over `time.body`, the body as the bytes that travel (compressed if it was). */
export function sign(key: KeyObject, time: string, body: Buffer): Buffer {
  return createHmac('sha256', key).update(`${time}.`).update(body).digest();
}

/** Writes the header a sender sends. */
export function signatureHeader(key: KeyObject, now: Date, body: Buffer): string {
  const time = String(Math.floor(now.getTime() / 1000));
  return `t=${time},v1=${sign(key, time, body).toString('hex')}`;
}

/** Whether the signed time lies within `tolerance` ms of `now`, on either side. */
export function isFresh({ seconds }: SignatureHeader, now: Date, tolerance: number): boolean {
  return Math.abs(now.getTime() - seconds * 1000) <= tolerance;
}

/**
 * The signature of the first key, where any active key made one of the header's values; otherwise undefined. Of several
 * values a stranger can take some away, so which of them matched must not decide how the delivery is known. Every key
 * and value is compared, each comparison in constant time, so that the answer does not tell how near a forgery came.
 */
export function verify(header: SignatureHeader, keys: readonly KeyObject[], body: Buffer): Buffer | undefined {
  const expected = keys.map((key) => sign(key, header.time, body));
  const matches = expected.flatMap((one) => header.values.filter((value) => timingSafeEqual(one, value)));
  return matches.length > 0 ? expected[0] : undefined;
}
