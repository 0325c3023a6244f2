import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';
import { ServerProcess } from '../harness/server-process.js';
import { Site } from '../harness/site.js';

const LIMIT = 60_000;
const SECRET = 'a secret that no command may print';
const SOURCE = 'sources: { edge: { stream: cordon.gateway, auth: { type: hmac, keys: [{ secret: "file:edge.key" }] } } }\n';

/** Beside an external database a configuration gives every key. */
const KEYS = {
  ...Object.fromEntries(['MASTER', 'TOKEN', 'DEDUPE', 'AUDIT'].map((name) => [`CORDON_KEYS_${name}`, 'env:SOME_KEY'])),
  CORDON_KEYS_ADMIN: 'env:ADMIN_KEY',
  SOME_KEY: 'ab'.repeat(32),
  ADMIN_KEY: `cordon_${'0'.repeat(32)}_${'A'.repeat(43)}`,
};

let site: Site;
let source: TestDatabase;
let target: TestDatabase;

beforeAll(async () => {
  [source, target] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  site = new Site(SOURCE);
  writeFileSync(path.join(site.directory, 'edge.key'), SECRET, { mode: 0o600 });
}, LIMIT);
afterAll(async () => {
  await site.remove();
  await Promise.all([source, target].map((database) => database.drop()));
}, LIMIT);

async function run(args: readonly string[], database: TestDatabase = source): Promise<{ code: number | null; output: string }> {
  const product = ServerProcess.run([...args, '--config', path.join(site.directory, 'cordon.yaml')], {
    ...KEYS,
    CORDON_DATA_DIRECTORY: site.data,
    CORDON_DATABASE_URL: database.appUrl,
    CORDON_DATABASE_OWNER_URL: database.ownerUrl,
  });
  const { code } = await product.exited();
  expect(product.output).not.toMatch(/\n {4}at /);
  expect(product.output).not.toContain(SECRET);
  return { code, output: product.output };
}

/** Runs `work` while the configuration is `text`. */
async function configured<T>(text: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(site.directory, 'cordon.yaml');
  writeFileSync(file, text);
  try {
    return await work();
  } finally {
    writeFileSync(file, SOURCE);
  }
}

describe('cordon config', () => {
  it('checks a configuration and names its sources', async () => {
    expect(await run(['config', 'check'])).toEqual({ code: 0, output: 'the configuration can be used; sources: edge; connectors: none\n' });
  }, LIMIT);

  it('names the key at fault and the nearest one', async () => {
    const { code, output } = await configured('server: { prot: 8787 }\n', () => run(['config', 'check']));
    expect(code).toBe(1);
    expect(output).toMatch(/server\.prot; nearest: server\.port\n {2}code: {3}config\.unknown_key\n {2}remedy: /);
  }, LIMIT);

  it('shows what is in force, secrets masked', async () => {
    const { code, output } = await run(['config', 'show', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      dataDirectory: site.data,
      database: { url: '[secret]', ownerUrl: '[secret]' },
      server: { port: 8787 },
      sources: { edge: { auth: { keys: [{ id: 'main', secret: '[secret]' }] } } },
    });
  }, LIMIT);

  it('takes a misspelt option for wrong usage', async () => {
    expect(await run(['config', 'check', '--jsno'])).toMatchObject({ code: 2, output: expect.stringContaining("unknown option '--jsno'") });
  }, LIMIT);
});

describe('cordon db', () => {
  const folder = () => path.join(site.directory, 'backup');

  const asSuperuser = async (database: TestDatabase, sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: database.superuserUrl });
    await client.connect();
    try {
      return (await client.query(sql)).rows as unknown[];
    } finally {
      await client.end();
    }
  };

  it('writes a backup, and not over another one', async () => {
    await asSuperuser(source, `INSERT INTO setting (key, value) VALUES ('kept', '7')`);
    const { code, output } = await run(['db', 'backup', folder(), '--json']);
    expect({ code, result: JSON.parse(output) as unknown }).toMatchObject({ code: 0, result: { folder: folder() } });
    const files = readdirSync(folder());
    expect(files).toContain('manifest.json');
    expect(await run(['db', 'backup', folder()])).toMatchObject({ code: 1, output: expect.stringContaining('platform.backup_target') });
    expect(readdirSync(folder())).toEqual(files);
  }, LIMIT);

  it('restores it into an empty database', async () => {
    expect(await run(['db', 'restore', folder()], target)).toMatchObject({ code: 0, output: expect.stringContaining(`restored ${folder()}`) });
    expect(await asSuperuser(target, 'SELECT key, value FROM setting')).toEqual(await asSuperuser(source, 'SELECT key, value FROM setting'));
  }, LIMIT);

  it('restores nothing from a folder that is no backup', async () => {
    expect(await run(['db', 'restore', site.directory], target)).toMatchObject({ code: 1, output: expect.stringContaining('platform.backup_unreadable') });
  }, LIMIT);
});

describe('cordon doctor', () => {
  it('finds no fault in a sound installation, and makes nothing', async () => {
    const { code, output } = await run(['doctor', '--json']);
    const findings = JSON.parse(output) as readonly { state: string; check: string }[];
    expect({ code, faults: findings.filter(({ state }) => state === 'fault') }).toEqual({ code: 0, faults: [] });
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['node', 'configuration', 'sources', 'secret files', 'disk', 'database', 'roles', 'schema', 'clock']));
    expect(existsSync(site.data)).toBe(false);
  }, LIMIT);

  it('gives 1 for a secret that every user may read, and names the file', async () => {
    const key = path.join(site.directory, 'open.key');
    writeFileSync(key, SECRET);
    chmodSync(key, 0o644);
    const { code, output } = await configured(SOURCE.replace('edge.key', 'open.key'), () => run(['doctor']));
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^fault secret files +${key}, .* chmod 600`, 'm'));
  }, LIMIT);

  it('reports a configuration that cannot be used as a finding', async () => {
    const { code, output } = await configured('sources: 7\n', () => run(['doctor']));
    expect(code).toBe(1);
    expect(output).toMatch(/^fault configuration +.*sources.*config\.invalid_value/m);
  }, LIMIT);
});
