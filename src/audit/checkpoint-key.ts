import { createPrivateKey, createPublicKey, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';
import { auditErrors } from './audit.errors.js';

const KEY_BYTES = 32;
const PURPOSE = 'cordon audit checkpoint v1';
const PREFIX = 'ed25519:';
/** PKCS #8 and SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 §7 and §4). */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs checkpoints: an Ed25519 key (RFC 8032) derived by HKDF-SHA256 from the installation's audit key. */
export class CheckpointKey {
  readonly #private: KeyObject;
  /** `ed25519:` and the 32 bytes in base64url. Not a secret. */
  readonly publicKey: string;

  /** @param auditKey 32 bytes of the key ring */
  constructor(auditKey: Buffer) {
    const seed = Buffer.from(hkdfSync('sha256', auditKey, Buffer.alloc(0), PURPOSE, KEY_BYTES));
    this.#private = createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, seed]), format: 'der', type: 'pkcs8' });
    const der = createPublicKey(this.#private).export({ format: 'der', type: 'spki' });
    this.publicKey = formatPublicKey(der.subarray(-KEY_BYTES));
  }

  sign(text: string): Buffer {
    return sign(null, Buffer.from(text), this.#private);
  }
}

export const formatPublicKey = (bytes: Buffer): string => PREFIX + bytes.toString('base64url');

/** @throws CordonError `audit.public_key_invalid` */
export function parsePublicKey(text: string): Buffer {
  const bytes = Buffer.from(text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '', 'base64url');
  if (bytes.length !== KEY_BYTES || formatPublicKey(bytes) !== text) throw auditErrors.create('audit.public_key_invalid', { detail: text.slice(0, 80) });
  return bytes;
}

export function isSignedBy(publicKey: string, text: string, signature: Buffer): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, parsePublicKey(publicKey)]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), key, signature);
  } catch {
    return false;
  }
}
