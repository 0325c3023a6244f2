import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeOnce, type ResolvedConfig } from '../../config/index.js';
import { keysErrors } from './keys.errors.js';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Purposes of the keys; one key is never used for two. */
export const KEY_NAMES = ['master', 'token', 'dedupe', 'audit'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** The keys of this installation, 32 bytes each. */
export class KeyRing {
  readonly #keys: Readonly<Record<KeyName, Buffer>>;

  constructor(keys: Readonly<Record<KeyName, Buffer>>) {
    this.#keys = keys;
  }

  get(name: KeyName): Buffer {
    return this.#keys[name];
  }

  /** AES-256-GCM under the master key: 12 bytes IV, ciphertext, 16 bytes tag. `context` is authenticated, not stored. */
  encrypt(plain: Buffer, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.get('master'), iv).setAAD(Buffer.from(context));
    return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws CordonError `platform.decryption_failed` where the key, the context or the bytes are not those of the encryption */
  decrypt(sealed: Buffer, context: string): Buffer {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.get('master'), sealed.subarray(0, IV_BYTES)).setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
    } catch (cause) {
      throw keysErrors.create('platform.decryption_failed', { cause });
    }
  }
}

/**
 * Keys from the configuration; for the embedded database missing ones are made once and kept in `<data>/keys` (0600).
 * With an external database every key must be configured: two instances with different keys would tokenise differently.
 * @throws CordonError `platform.key_missing`, `platform.key_invalid`
 */
export function openKeyRing(config: Pick<ResolvedConfig, 'keys' | 'database' | 'dataDirectory'>): KeyRing {
  const configured = configuredKeys(config);
  const keyOf = (name: KeyName): Buffer => configured[name] ?? decodeKey(name, generatedKey(keyFile(config.dataDirectory, name)));
  return new KeyRing({ master: keyOf('master'), token: keyOf('token'), dedupe: keyOf('dedupe'), audit: keyOf('audit') });
}

/**
 * The keys that the configuration gives; makes none. Beside an external database the admin key is asked for too: a
 * generated one would lie on whichever instance came first.
 * @throws CordonError `platform.key_missing`, `platform.key_invalid`
 */
export function configuredKeys({ keys, database }: Pick<ResolvedConfig, 'keys' | 'database'>): Partial<Record<KeyName, Buffer>> {
  const missing = database.url && ([...KEY_NAMES, 'admin'] as const).find((name) => !keys[name]);
  if (missing) throw keysErrors.create('platform.key_missing', { field: `keys.${missing}`, detail: `keys.${missing}` });
  return Object.fromEntries(KEY_NAMES.flatMap((name) => (keys[name] ? [[name, decodeKey(name, keys[name].reveal())]] : [])));
}

/**
 * One key, if this installation has it already; makes none. For commands that only look.
 * @throws CordonError `platform.key_invalid`
 */
export function existingKey({ keys, dataDirectory }: Pick<ResolvedConfig, 'keys' | 'dataDirectory'>, name: KeyName): Buffer | undefined {
  const configured = keys[name];
  if (configured) return decodeKey(name, configured.reveal());
  const file = keyFile(dataDirectory, name);
  return existsSync(file) ? decodeKey(name, readFileSync(file, 'utf8').trim()) : undefined;
}

const keyFile = (dataDirectory: string, name: KeyName): string => path.join(dataDirectory, 'keys', `${name}.key`);

function decodeKey(name: KeyName, text: string): Buffer {
  const value = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (value.length !== KEY_BYTES) throw keysErrors.create('platform.key_invalid', { field: `keys.${name}`, detail: `keys.${name} has ${value.length} bytes` });
  return value;
}

function generatedKey(file: string): string {
  writeOnce(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`, 0o600);
  return readFileSync(file, 'utf8').trim();
}
