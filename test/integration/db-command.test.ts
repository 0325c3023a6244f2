import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, requireCurrentSchema } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const LIMIT = 60_000;
const main = path.resolve(import.meta.dirname, '../../dist/src/cli/main.js');

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-db-command-'));
  writeFileSync(path.join(folder, 'external.yaml'), 'database: { url: "env:APP_URL", ownerUrl: "env:OWNER_URL" }\n');
  writeFileSync(path.join(folder, 'embedded.yaml'), `dataDirectory: ${path.join(folder, 'data')}\n`);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function cordon(config: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _unused, ...inherited } = process.env;
  const env = { ...inherited, APP_URL: database.appUrl, OWNER_URL: database.ownerUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'db', ...args, '--config', path.join(folder, config)], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('cordon db', () => {
  it('migrate brings an empty database up, then finds nothing to do', async () => {
    const first = await cordon('external.yaml', 'migrate', '--json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect((JSON.parse(first.stdout) as { applied: string[] }).applied.length).toBeGreaterThanOrEqual(5);
    const app = await Database.open({ url: database.appUrl, poolSize: 2 });
    await requireCurrentSchema(app);
    await app.close();
    const second = await cordon('external.yaml', 'migrate');
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('the schema is up to date') });
    expect(second.stdout).not.toContain(new URL(database.ownerUrl).password || 'no password');
  }, LIMIT);

  it('url prints the connection of the application, or of the owner', async () => {
    expect(await cordon('external.yaml', 'url')).toEqual({ code: 0, stdout: `${database.appUrl}\n`, stderr: '' });
    expect(await cordon('external.yaml', 'url', '--owner')).toEqual({ code: 0, stdout: `${database.ownerUrl}\n`, stderr: '' });
  }, LIMIT);

  it('url says so when the embedded database is not running', async () => {
    expect(await cordon('embedded.yaml', 'url')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('cli.database_not_running') });
  }, LIMIT);
});
