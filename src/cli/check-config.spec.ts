import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkConfig } from './check-config.js';

describe('cordon config check', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cordon-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function check(yaml: string) {
    const file = path.join(folder, 'cordon.yaml');
    writeFileSync(file, yaml);
    return checkConfig(file);
  }

  it('takes what a start takes', () => {
    expect(Object.keys(check('sources: { gateway: { stream: cordon.gateway, auth: { type: none } } }').sources)).toEqual(['gateway']);
  });

  it.each([
    ['an unknown key', 'dataDirectry: data', 'config.unknown_key'],
    ['a stream that no connector has', 'sources: { a: { stream: nowhere.at.all, auth: { type: none } } }', 'normalise.unknown_stream'],
    ['an external database without keys', 'database: { url: "postgres://app@db.example.com/cordon" }', 'platform.key_missing'],
    ['a key of the wrong length', 'keys: { token: "file:short" }', 'platform.key_invalid'],
    ['an admin key of another form', 'keys: { admin: "file:short" }', 'access.malformed_admin_key'],
  ])('refuses what a start refuses: %s', (_, yaml, code) => {
    writeFileSync(path.join(folder, 'short'), 'abcd\n');
    expect(() => check(yaml)).toThrow(expect.objectContaining({ code }));
  });
});
