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

  const mail = (more: string) => `connectors: { email: { host: mail.example.com, from: cordon@example.com${more} } }`;

  it('checks the sections of connectors with their own schemas', () => {
    expect(check(mail('')).connectors).toEqual({ email: { host: 'mail.example.com', port: 587, security: 'starttls', from: 'cordon@example.com', recipients: {} } });
  });

  it.each([
    ['a connector that there is not', 'connectors: { emial: {} }', 'config.unknown_key', 'connectors.emial; nearest: connectors.email'],
    ['a key that the connector has not', mail(', prot: 25'), 'config.unknown_key', 'connectors.email.prot; nearest: connectors.email.port'],
    ['a key that is missing', 'connectors: { email: { host: mail.example.com } }', 'config.invalid_value', 'connectors.email.from'],
    ['a secret written out', mail(', user: cordon, password: planted'), 'config.invalid_value', 'env:NAME or file:PATH'],
    ['a secret that is not there', mail(', user: cordon, password: "file:absent"'), 'config.secret_missing', 'connectors.email.password'],
    ['a rule between keys', mail(', user: cordon'), 'config.invalid_value', 'given together'],
    ['an entry of the allow-list that is none', 'outbound: { allow: ["http://idp.example.com"] }', 'config.invalid_value', 'outbound.allow.0'],
  ])('refuses %s', (_, yaml, code, text) => {
    expect(() => check(yaml)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(text) }));
    expect(() => check(yaml)).not.toThrow('planted');
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
