import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hashSecret } from './api-key.js';

/** How long a sign-in lasts, whatever is done meanwhile. */
export const SESSION_MS = 15 * 60_000;

export interface NewSession {
  /** What the browser keeps: 256 random bits. */
  readonly token: string;
  /** What the database keeps. */
  readonly hash: Buffer;
}

export function newSession(): NewSession {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashSecret(token) };
}

/** `__Host-` binds the cookie to this host and to TLS (RFC 6265bis §4.1.3.2); a browser takes that prefix over TLS alone. */
const cookieName = (secure: boolean): string => (secure ? '__Host-cordon_session' : 'cordon_session');

export function sessionCookie(token: string, secure: boolean): string {
  return `${cookieName(secure)}=${token}; Path=/; Max-Age=${SESSION_MS / 1000}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

export const endedCookie = (secure: boolean): string => `${cookieName(secure)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The session token of a `Cookie` header. */
export function sessionToken(header: string | undefined, secure: boolean): string | undefined {
  const prefix = `${cookieName(secure)}=`;
  const values = (header ?? '').split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(prefix)).map((pair) => pair.slice(prefix.length));
  const [value] = values;
  return values.length === 1 && value !== undefined && TOKEN.test(value) ? value : undefined;
}

/**
 * A token for one form of one session: a nonce, and its HMAC under the session's secret and the form's purpose. It needs
 * no row until it is used, so that looking at a page writes nothing.
 */
export function formToken(session: string, purpose: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `${nonce}.${macOf(session, purpose, nonce).toString('base64url')}`;
}

/** The nonce of a token that this session was given for this purpose; undefined for any other text. */
export function formNonce(session: string, purpose: string, token: string): string | undefined {
  const [, nonce, mac] = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  if (nonce === undefined || mac === undefined) return undefined;
  return timingSafeEqual(Buffer.from(mac, 'base64url'), macOf(session, purpose, nonce)) ? nonce : undefined;
}

const macOf = (session: string, purpose: string, nonce: string): Buffer => createHmac('sha256', session).update(`${purpose}\n${nonce}`).digest();
