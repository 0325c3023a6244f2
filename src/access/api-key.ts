import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { uuidv7, type Role } from '../kernel/index.js';

/** An API key as stored: the secret's hash, never the secret. */
export interface ApiKey {
  /** UUID v7; its 32 hex digits are the public part of the key. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Person of the context that it belongs to; null for the key of a machine. */
  readonly person: string | null;
  /** SHA-256 of the secret. The secret is 256 random bits, so a slow password hash would add nothing. */
  readonly secretHash: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface PresentedKey {
  readonly id: string;
  readonly secret: string;
}

const FORM = /^cordon_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** Splits `cordon_<id>_<secret>`; undefined where the text has another form. */
export function parseApiKey(text: string): PresentedKey | undefined {
  const match = FORM.exec(text);
  const secret = match?.[6];
  return match === null || secret === undefined ? undefined : { id: match.slice(1, 6).join('-'), secret };
}

export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** A fresh key: `text` is shown once, the rest is stored. */
export function generateApiKey(): { readonly text: string; readonly id: string; readonly secretHash: Buffer } {
  const id = uuidv7();
  const secret = randomBytes(32).toString('base64url');
  return { text: `cordon_${id.replaceAll('-', '')}_${secret}`, id, secretHash: hashSecret(secret) };
}

const NO_SECRET = Buffer.alloc(32);

/** Whether the presented secret belongs to an active `key`. Takes the same time whether the key is known or not. */
export function isValid(key: ApiKey | undefined, presented: PresentedKey, now: Date): key is ApiKey {
  const equal = timingSafeEqual(hashSecret(presented.secret), key?.secretHash ?? NO_SECRET);
  return equal && key !== undefined && isActive(key, now);
}

export function isActive(key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: Date): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > now);
}
