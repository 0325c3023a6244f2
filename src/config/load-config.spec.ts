import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CordonError, parseDuration } from '../kernel/index.js';
import { configKeys } from './config-keys.js';
import { writeFirstConfig } from './first-config.js';
import { loadConfig } from './load-config.js';

const folder = () => mkdtempSync(path.join(tmpdir(), 'cordon-config-'));

function load(yaml: string, environment: Record<string, string> = {}, files: Record<string, string> = {}) {
  const root = folder();
  const file = path.join(root, 'cordon.yaml');
  writeFileSync(file, yaml);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  return loadConfig({ root, file, environment });
}

function fault(act: () => unknown): CordonError {
  try {
    act();
  } catch (error) {
    if (error instanceof CordonError) return error;
    throw error;
  }
  throw new Error('expected a CordonError');
}

const source = (auth: string) => `sources:\n  gateway:\n    stream: cordon.gateway\n    auth: ${auth}\n`;

describe('loadConfig', () => {
  it('gives defaults for an empty file and without a file', () => {
    expect(load('').server.port).toBe(8787);
    expect(loadConfig({ root: folder() }).retention.events).toBe(7 * 86_400_000);
  });

  it('refuses an unknown key with its path and the nearest valid key', () => {
    const error = fault(() => load('server:\n  prot: 1\n'));
    expect(error.code).toBe('config.unknown_key');
    expect(error.message).toContain('server.prot; nearest: server.port');
    expect(error.definition.remedy).toContain('docs/config.md');
  });

  it('refuses an unknown key below an operator-chosen name and inside a union', () => {
    expect(fault(() => load(`${source('{ type: none }')}    dedup: none\n`)).message).toContain('sources.gateway.dedup; nearest: sources.gateway.dedupe');
    expect(fault(() => load(source('{ type: hmac, kyes: [] }'))).message).toMatch(/sources\.gateway\.auth/);
  });

  it('names the field of a wrong value', () => {
    const error = fault(() => load('server:\n  port: 99999\n'));
    expect(error.code).toBe('config.invalid_value');
    expect(error.details.field).toBe('server.port');
    expect(fault(() => load('retention:\n  log: soon\n')).message).toContain("'soon' is no duration");
  });

  it('refuses a secret written out and does not repeat it', () => {
    const error = fault(() => load(source('{ type: hmac, keys: [{ secret: hunter2 }] }')));
    expect(error.message).toContain('env:NAME or file:PATH');
    expect(error.message).not.toContain('hunter2');
  });

  it('resolves secrets by file and environment and never prints them', () => {
    const yaml = source('{ type: hmac, keys: [{ id: a, secret: "file:key" }, { id: b, secret: "env:KEY_B" }] }');
    const config = load(yaml, { KEY_B: 'planted-b' }, { key: 'planted-a\n' });
    const auth = config.sources.gateway?.auth;
    if (auth?.type !== 'hmac') throw new Error('expected hmac');
    expect(auth.keys.map(({ secret }) => secret.reveal())).toEqual(['planted-a', 'planted-b']);
    for (const text of [JSON.stringify(config), inspect(config, { depth: 10 }), `${auth.keys[0]?.secret}`]) expect(text).not.toContain('planted');
    expect(JSON.stringify(config)).toContain('[secret]');
  });

  it('names a secret that is not there', () => {
    const error = fault(() => load(source('{ type: bearer, keys: [{ secret: "env:NOT_SET" }] }')));
    expect(error.code).toBe('config.secret_missing');
    expect(error.details.field).toBe('sources.gateway.auth.keys.0.secret');
  });

  it('takes environment variables over the file and refuses unknown ones', () => {
    expect(load('server:\n  port: 1\n', { CORDON_SERVER_PORT: '9000' }).server.port).toBe(9000);
    expect(load('', { CORDON_SERVER_DRAIN_TIMEOUT: '2s' }).server.drainTimeout).toBe(2000);
    expect(fault(() => load('', { CORDON_SERVER_PROT: '1' })).message).toContain('CORDON_SERVER_PORT');
  });

  it('takes a variable with the prefix that a reference names, and refuses it where none does', () => {
    const yaml = 'database: { url: "env:CORDON_APP_URL" }\n';
    const variables = { CORDON_APP_URL: 'postgres://app@db.example.com/cordon' };
    expect(load(yaml, variables).database.url?.reveal()).toBe(variables.CORDON_APP_URL);
    expect(load('', { ...variables, CORDON_DATABASE_URL: 'env:CORDON_APP_URL' }).database.url?.reveal()).toBe(variables.CORDON_APP_URL);
    expect(fault(() => load('', variables)).code).toBe('config.unknown_key');
  });

  it('wraps a database URL wherever it comes from', () => {
    const config = load('', { CORDON_DATABASE_URL: 'postgres://app:pw@db.example.com/cordon' });
    expect(config.database.url?.reveal()).toContain('pw');
    expect(JSON.stringify(config)).not.toContain('pw@');
  });

  it('reports broken YAML with the file', () => {
    expect(fault(() => load('server: [\n')).code).toBe('config.not_yaml');
    expect(fault(() => loadConfig({ root: folder(), file: '/nowhere/cordon.yaml' })).code).toBe('config.unreadable');
    expect(fault(() => load('a: 1\na: 2\n')).code).toBe('config.not_yaml');
    expect(fault(() => load('dataDirectory: &a data\nlogging: { level: *a }\n')).message).toContain('alias');
    expect(fault(() => load('dataDirectory: *nowhere\n')).code).toBe('config.not_yaml');
  });

  it('describes every key', () => {
    const keys = configKeys();
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter(({ description }) => description === '').map((key) => key.path)).toEqual([]);
    expect(new Set(keys.map((key) => key.path)).size).toBe(keys.length);
  });
});

describe('writeFirstConfig', () => {
  it('writes a configuration that loads, once, and keeps what is there', () => {
    const root = folder();
    const file = path.join(root, 'config', 'cordon.yaml');
    expect(writeFirstConfig(file)).toBe(true);
    const first = loadConfig({ root, file }).sources.gateway;
    expect(first?.stream).toBe('cordon.gateway');
    expect(writeFirstConfig(file)).toBe(false);
  });
});

describe('parseDuration', () => {
  it.each([
    ['10m', 600_000], ['500ms', 500], ['1.5h', 5_400_000], ['PT5M', 300_000], ['P7D', 604_800_000], ['P1DT12H', 129_600_000],
  ])('%s is %d ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', 'P', 'PT', 'P1M', '5', '-5m', '5 minutes'])('%p is none', (text) => expect(parseDuration(text)).toBeUndefined());
});
