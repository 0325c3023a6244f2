import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CheckpointKey, parsePublicKey } from './checkpoint-key.js';
import { isGenuine, parseCheckpoint, signCheckpoint } from './checkpoint.js';

const key = new CheckpointKey(Buffer.alloc(32, 1));
const checkpoint = signCheckpoint(key, { seq: 3, hash: createHash('sha256').update('x').digest('hex'), at: '2026-03-01T12:00:00Z' });

describe('a checkpoint', () => {
  it('is signed by a key that follows from the audit key alone', () => {
    expect(new CheckpointKey(Buffer.alloc(32, 1)).publicKey).toBe(key.publicKey);
    expect(new CheckpointKey(Buffer.alloc(32, 2)).publicKey).not.toBe(key.publicKey);
    expect(key.publicKey).toMatch(/^ed25519:[A-Za-z0-9_-]{43}$/);
    expect(parsePublicKey(key.publicKey)).toHaveLength(32);
  });

  it('reads back from its text', () => {
    expect(parseCheckpoint(`${JSON.stringify(checkpoint, null, 2)}\n`)).toEqual(checkpoint);
  });

  it.each([
    ['another number', { ...checkpoint, seq: 4 }],
    ['another hash', { ...checkpoint, hash: 'f'.repeat(64) }],
    ['another time', { ...checkpoint, at: '2026-03-01T12:00:01Z' }],
    ['another key', { ...checkpoint, public_key: new CheckpointKey(Buffer.alloc(32, 2)).publicKey }],
    ['a key that is none', { ...checkpoint, public_key: 'ed25519:AAAA' }],
    ['another signature', { ...checkpoint, signature: 'A'.repeat(86) }],
  ])('is not genuine with %s', (_what, changed) => {
    expect(isGenuine(changed)).toBe(false);
    expect(() => parseCheckpoint(JSON.stringify(changed))).toThrow(expect.objectContaining({ code: 'audit.checkpoint_invalid' }));
  });

  it.each(['', '{}', '[]', JSON.stringify({ ...checkpoint, more: 1 }), JSON.stringify({ ...checkpoint, format: 'cordon-audit-checkpoint/2' })])('is refused as %s', (text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: 'audit.checkpoint_invalid' }));
  });

  it.each(['', 'ed25519:', `${key.publicKey}A`, key.publicKey.replace('ed25519:', ''), key.publicKey.replace('ed25519', 'rsa')])('key is refused as %s', (text) => {
    expect(() => parsePublicKey(text)).toThrow(expect.objectContaining({ code: 'audit.public_key_invalid' }));
  });
});
