import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '../../config/index.js';
import { CordonError } from '../../kernel/index.js';
import { KEY_NAMES, openKeyRing } from './key-ring.js';

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof CordonError ? error.code : String(error);
  }
  return undefined;
}

const local = () => ({ keys: {}, database: {} as never, dataDirectory: mkdtempSync(path.join(tmpdir(), 'cordon-keys-')) });

describe('openKeyRing', () => {
  it('makes keys once, each another one, readable by the owner alone', () => {
    const place = local();
    const [first, second] = [openKeyRing(place), openKeyRing(place)];
    expect(first.get('token').equals(second.get('token'))).toBe(true);
    expect(first.get('token').equals(first.get('dedupe'))).toBe(false);
    expect(statSync(path.join(place.dataDirectory, 'keys', 'token.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses to invent keys beside an external database, and names the key', () => {
    const external = { ...local(), database: { url: new Secret('postgres://db.example.com/cordon') } as never };
    expect(() => openKeyRing(external)).toThrow(/keys\.master/);
    expect(codeOf(() => openKeyRing(external))).toBe('platform.key_missing');
  });

  it('refuses to invent an admin key beside an external database', () => {
    const url = new Secret('postgres://db.example.com/cordon');
    const keys = Object.fromEntries(KEY_NAMES.map((name) => [name, new Secret('ab'.repeat(32))]));
    const external = { ...local(), keys, database: { url } as never };
    expect(() => openKeyRing(external)).toThrow(/keys\.admin/);
    expect(codeOf(() => openKeyRing(external))).toBe('platform.key_missing');
    expect(codeOf(() => openKeyRing({ ...external, keys: { ...keys, admin: new Secret('given') } }))).toBeUndefined();
  });

  it('refuses a key of another length', () => {
    const short = { ...local(), keys: { token: new Secret('abcd') } };
    expect(() => openKeyRing(short)).toThrow(/keys\.token has/);
    expect(codeOf(() => openKeyRing(short))).toBe('platform.key_invalid');
  });
});

describe('KeyRing', () => {
  it('decrypts what it encrypted, only with the same context and bytes', () => {
    const ring = openKeyRing(local());
    const sealed = ring.encrypt(Buffer.from('planted'), 'record-1');
    expect(sealed.includes(Buffer.from('planted'))).toBe(false);
    expect(ring.decrypt(sealed, 'record-1').toString()).toBe('planted');
    expect(codeOf(() => ring.decrypt(sealed, 'record-2'))).toBe('platform.decryption_failed');
    sealed.writeUInt8(sealed.readUInt8(20) ^ 1, 20);
    expect(() => ring.decrypt(sealed, 'record-1')).toThrow(/cannot be decrypted/);
  });
});
