import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig, type ResolvedConfig } from '../config/index.js';
import { clockOf } from './doctor-database.js';
import { examineDisk, examineFiles, examineNode, examineReferences, examineSources } from './doctor-checks.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function configured(yaml: string): ResolvedConfig {
  const file = path.join(folder, 'cordon.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ root: folder, file });
}

describe('cordon doctor', () => {
  it.each([['20.18.9', 'fault'], ['20.19.0', 'ok'], ['18.20.0', 'fault'], ['24.1.0', 'ok']])('judges Node %s: %s', (version, state) => {
    expect(examineNode(version)).toMatchObject({ state });
  });

  it('warns of a source that anyone may post to, and of none at all', () => {
    const open = configured('sources: { a: { stream: cordon.gateway, auth: { type: none } } }');
    expect(examineSources(open)).toEqual([expect.objectContaining({ state: 'warn', detail: expect.stringContaining('a is open') })]);
    expect(examineSources(configured('{}'))).toEqual([expect.objectContaining({ state: 'warn' })]);
  });

  it('finds keys that others may read', () => {
    const config = configured('dataDirectory: data');
    expect(examineFiles(config)).toEqual([expect.objectContaining({ state: 'ok' })]);
    mkdirSync(path.join(config.dataDirectory, 'keys'), { recursive: true });
    const key = path.join(config.dataDirectory, 'keys', 'token.key');
    writeFileSync(key, 'x', { mode: 0o600 });
    expect(examineFiles(config)).toEqual([expect.objectContaining({ state: 'ok' })]);
    chmodSync(key, 0o640);
    expect(examineFiles(config)).toEqual([expect.objectContaining({ state: 'fault', detail: expect.stringContaining(key) })]);
  });

  it.each([[0o600, 'ok'], [0o400, 'ok'], [0o640, 'warn'], [0o604, 'fault'], [0o666, 'fault']])('judges the mode %o of a file that a reference names: %s', (mode, state) => {
    const [first, second] = ['first', 'second'].map((name) => path.join(folder, `${name}.key`)) as [string, string];
    for (const file of [first, second]) writeFileSync(file, 'x', { mode: 0o600 });
    const config = configured('sources: { a: { stream: cordon.gateway, auth: { type: hmac, keys: [{ secret: "file:first.key" }, { secret: "file:second.key" }] } } }');
    chmodSync(second, mode);
    const detail = state === 'ok' ? '2 named' : second;
    expect(examineReferences(config)).toEqual([expect.objectContaining({ state, detail: expect.stringContaining(detail) })]);
  });

  it('has nothing to say of files where no reference names one', () => {
    expect(examineReferences(configured('{}'))).toEqual([]);
  });

  it('compares free space with the floor of the intake', () => {
    const config = configured('dataDirectory: data');
    const withFloor = (minFreeBytes: number) => examineDisk({ ...config, intake: { ...config.intake, minFreeBytes } }).state;
    expect([withFloor(0), withFloor(Number.MAX_SAFE_INTEGER)]).toEqual(['ok', 'fault']);
  });

  it('looks at the disk of the cluster, where that is not in the data directory', () => {
    const config = configured('dataDirectory: data');
    const elsewhere = path.join(folder, 'elsewhere');
    for (const directory of [config.dataDirectory, path.join(elsewhere, 'cluster')]) mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(config.dataDirectory, 'postgres.location.json'), JSON.stringify({ directory: elsewhere, created: true }));
    expect(examineDisk(config).detail).toContain(`free at ${path.join(elsewhere, 'cluster')};`);
  });

  it('leaves the disk of an external database to its server', () => {
    const external = configured('database: { url: "postgres://app@db.example.com/cordon" }\nintake: { minFreeBytes: 9007199254740991 }');
    expect(examineDisk(external).state).toBe('ok');
  });

  it('warns of clocks that lie apart, either way', () => {
    expect([clockOf(0), clockOf(1999), clockOf(2500), clockOf(-2500)].map(({ state }) => state)).toEqual(['ok', 'ok', 'warn', 'warn']);
  });
});
