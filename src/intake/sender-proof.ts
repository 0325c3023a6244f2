import { createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { ResolvedSource } from '../config/index.js';
import type { RefusalReason } from './refusals.js';
import { isFresh, parseSignatureHeader, verify, type SignatureHeader } from './signature.js';

/** Request headers as Node gives them. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What can be said of a sender before its body is read. */
export type Claim =
  | { readonly kind: 'signed'; readonly header: SignatureHeader }
  /** `proven`: by a token. Where nothing is asked for, anybody is accepted and nobody proven. */
  | { readonly kind: 'accepted'; readonly proven: boolean };

/** A signature that is right. It names the delivery where the sender gave no delivery id, and betrays a replay where it did. */
export interface ProvenSignature {
  readonly bytes: Buffer;
  /** From then on its age refuses it. */
  readonly freshUntil: Date;
}

export type Proof = { readonly ok: true; readonly signature: ProvenSignature | undefined } | { readonly ok: false; readonly reason: RefusalReason };

/** How the senders of one source prove themselves: first the headers, so that a stranger's body is never read, then the body. */
export interface SenderProof {
  /** Challenge of a 401 answer (RFC 9110 §11.6.1). */
  readonly challenge: string;
  claim(headers: Headers, now: Date): Claim | RefusalReason;
  prove(claim: Claim, body: Buffer): Proof;
}

const PROVEN: Proof = { ok: true, signature: undefined };
const BY_TOKEN: Claim = { kind: 'accepted', proven: true };
const ANYBODY: Claim = { kind: 'accepted', proven: false };

export function senderProof(auth: ResolvedSource['auth']): SenderProof {
  switch (auth.type) {
    case 'hmac':
      return hmacProof(
        auth.keys.map(({ secret }) => createSecretKey(Buffer.from(secret.reveal()))),
        auth.tolerance,
      );
    case 'bearer':
      return bearerProof(auth.keys.map(({ secret }) => hash('sha256', secret.reveal(), 'buffer')));
    case 'none':
      return { challenge: 'None', claim: () => ANYBODY, prove: () => PROVEN };
  }
}

function hmacProof(keys: readonly KeyObject[], tolerance: number): SenderProof {
  return {
    challenge: 'Cordon-Signature realm="intake"',
    claim(headers, now) {
      const text = headers['x-cordon-signature'];
      if (typeof text !== 'string') return text === undefined ? 'signature_missing' : 'signature_malformed';
      const header = parseSignatureHeader(text);
      if (!header) return 'signature_malformed';
      return isFresh(header, now, tolerance) ? { kind: 'signed', header } : 'timestamp_stale';
    },
    prove(claim, body) {
      if (claim.kind !== 'signed') return { ok: false, reason: 'signature_wrong' };
      const bytes = verify(claim.header, keys, body);
      if (!bytes) return { ok: false, reason: 'signature_wrong' };
      return { ok: true, signature: { bytes, freshUntil: new Date(claim.header.seconds * 1000 + tolerance) } };
    },
  };
}

function bearerProof(hashes: readonly Buffer[]): SenderProof {
  return {
    challenge: 'Bearer realm="intake"',
    claim({ authorization }) {
      const [, token] = typeof authorization === 'string' ? (/^bearer +(\S+) *$/i.exec(authorization) ?? []) : [];
      if (token === undefined) return 'token_missing';
      const presented = hash('sha256', token, 'buffer');
      // No early exit: every key is compared, whichever fits.
      return hashes.filter((expected) => timingSafeEqual(expected, presented)).length > 0 ? BY_TOKEN : 'token_wrong';
    },
    prove: () => PROVEN,
  };
}
