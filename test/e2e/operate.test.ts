import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Clone } from '../harness/clone.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const LIMIT = 120_000;
const START_MS = 60_000;

const section = readFileSync(path.resolve('docs/how-to/operate.md'), 'utf8').split('\n## An external database\n')[1]!.split('\n## ')[0]!;
const blocks = (language: string) => [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]!);

/** Roles belong to the whole server, which other tests use: names and passwords here are of this run alone. */
const run = `operate_${randomBytes(4).toString('hex')}`;
const password = randomBytes(8).toString('hex');

let any: TestDatabase;
let clone: Clone;
let server: ChildProcess | undefined;
let printed = '';

async function asSuperuser(statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: any.superuserUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What a reader fills in: passwords and the address of the server. */
function filledIn(text: string): string {
  return text
    .replaceAll(/\bcordon_(owner|app)\b/g, `${run}_$1`)
    .replaceAll(/(DATABASE |example\.com\/)cordon\b/g, `$1${run}`)
    .replaceAll(/@db\.example\.com(\/\w+)/g, (_, database: string) => {
      const { host, search } = new URL(any.superuserUrl);
      return `@${host}${database}${search}`;
    })
    .replaceAll('…', password);
}

beforeAll(async () => {
  any = await createTestDatabase();
  clone = new Clone({});
}, LIMIT);

afterAll(async () => {
  if (server?.exitCode === null) {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
  clone.remove();
  await asSuperuser([`DROP DATABASE IF EXISTS ${run} WITH (FORCE)`, `DROP ROLE IF EXISTS ${run}_app`, `DROP ROLE IF EXISTS ${run}_owner`]);
  await any.drop();
}, LIMIT);

describe('docs/how-to/operate.md, an external database', () => {
  it('leads to a product that takes records and starts no database of its own', async () => {
    await asSuperuser(filledIn(blocks('sql')[0]!).split(';').filter((statement) => statement.trim() !== ''));
    mkdirSync(path.join(clone.directory, 'config'));
    const [keys, addresses] = blocks('sh').map(filledIn);
    await clone.shell(keys!);
    appendFileSync(path.join(clone.directory, 'config/cordon.yaml'), `server: { port: 0 }\n${blocks('yaml')[0]!}`);
    expect(await clone.shell(addresses!)).toContain('can be used');

    server = spawn('bash', ['-c', `${addresses!.replace('npx cordon config check', '')}exec node dist/src/cli/main.js serve`], { cwd: clone.directory, env: clone.childEnvironment });
    for (const stream of [server.stdout, server.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => void (printed += chunk));
    const url = await address();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const key = readFileSync(path.join(clone.directory, 'config/secrets/admin.key'), 'utf8').trim();
    expect((await fetch(`${url}/v1/signals`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    expect(printed).not.toContain('postgres_started');

    const closed = once(server, 'close');
    server.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  }, LIMIT);
});

async function address(): Promise<string> {
  for (const end = Date.now() + START_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const match = /address\s+(http:\S+)/.exec(printed);
    if (match) return match[1]!;
    if (server?.exitCode !== null || Date.now() > end) throw new Error(`the product did not start:\n${printed}`);
  }
}
