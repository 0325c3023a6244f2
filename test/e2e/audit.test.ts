import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ApiKeyService } from '../../src/access/index.js';
import { Clone } from '../harness/clone.js';
import { createTestDatabase } from '../harness/database.js';
import { eventually, Product } from '../harness/product.js';

const LIMIT = 240_000;

const text = readFileSync(path.resolve('docs/how-to/audit.md'), 'utf8');
const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!.trim());

interface EntryPage {
  entries: { seq: number; action: string; actor: string; target: string; detail: Record<string, unknown>; prev: string; hash: string }[];
  next: number | null;
}

let product: Product;
let clone: Clone;
let auditor: string;

beforeAll(async () => {
  product = await Product.start({ config: 'audit: { digestInterval: 100ms, checkpointInterval: 100ms }' });
  auditor = (await product.app.nest.get(ApiKeyService).create({ name: 'test auditor', roles: ['auditor'] }, 'system:test')).text;
  clone = new Clone({ CORDON_DATABASE_URL: product.database.appUrl, CORDON_DATABASE_OWNER_URL: product.database.ownerUrl, CORDON_DATA_DIRECTORY: path.join(product.root, 'data'), KEY: auditor });
  mkdirSync(path.join(clone.directory, 'config'));
  writeFileSync(path.join(clone.directory, 'config/cordon.yaml'), '{}\n');
}, LIMIT);

afterAll(async () => {
  clone.remove();
  await product.stop();
}, LIMIT);

/** What `npx cordon` runs, without the seconds that npx takes. */
const CORDON = 'node dist/src/cli/main.js';

const run = (lines: string) => clone.shell(lines.replaceAll('http://127.0.0.1:8787', product.url));

/** Exit code and standard output of a command that may fail. */
async function outcome(lines: string): Promise<{ code: number; output: string }> {
  const output = await run(`code=0; ${lines} || code=$?; echo "exit $code"`);
  const match = /^([\s\S]*)exit (\d+)\n$/.exec(output)!;
  return { code: Number(match[2]), output: match[1]! };
}

async function get<T>(address: string, key = auditor): Promise<{ status: number; body: T }> {
  const response = await fetch(product.url + address, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: (await response.json()) as T };
}

async function sealed(action: string): Promise<EntryPage['entries'][number]> {
  return eventually(async () => (await get<EntryPage>(`/v1/audit?action=${action}`)).body.entries[0]);
}

async function asSuperuser(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of ["SET session_replication_role = 'replica'", ...statements]) await client.query(statement);
  await client.end();
}

describe('the audit trail over HTTP', () => {
  it('has an entry for what was done and for what intake took, linked to the one before', async () => {
    expect((await product.send({ time: new Date().toISOString(), route: '/customers', response: { status: 200 } })).status).toBe(202);
    const accepted = await sealed('intake.records_accepted');
    expect(accepted).toMatchObject({ actor: 'system:intake', detail: { records: 1, batches: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    const { body: all } = await get<EntryPage>('/v1/audit?limit=2');
    expect(all.entries[0]!.prev).toBe(all.entries[1]!.hash);
    const { body: next } = await get<EntryPage>(`/v1/audit?after=${all.next}`);
    expect(next.entries[0]?.seq ?? 0).toBe(all.next! - 1);
    const created = await sealed('access.key_created');
    const { body: found } = await get<EntryPage>(`/v1/audit?actor=${created.actor}&target=${created.target}&from=2020-01-01T00:00:00Z&to=2200-01-01T00:00:00Z`);
    expect(found.entries.map(({ seq }) => seq)).toEqual([created.seq]);
    expect((await get<EntryPage>('/v1/audit?to=2020-01-01T00:00:00Z')).body.entries).toEqual([]);
  });

  it('is for who may read it, and names a parameter that it does not take', async () => {
    for (const address of ['/v1/audit', '/v1/audit/checkpoint', '/v1/audit/export']) expect((await get(address, product.key)).status).toBe(403);
    expect(await get('/v1/audit?actr=x')).toMatchObject({ status: 400, body: { code: 'audit.request_invalid' } });
    expect(await get('/v1/audit/export?from_seq=0')).toMatchObject({ status: 400, body: { code: 'audit.request_invalid' } });
    expect(await get('/v1/audit/export?from_seq=99999')).toMatchObject({ status: 400, body: { code: 'audit.request_invalid' } });
  });
});

describe('docs/how-to/audit.md', () => {
  it('shows commands that work', async () => {
    await eventually(async () => ((await get('/v1/audit/checkpoint')).status === 200 ? true : undefined));
    const outputs: string[] = [];
    for (const block of blocks) outputs.push(await run(block));
    expect(blocks).toHaveLength(6);
    expect(outputs[0]).toMatch(/^ed25519:[A-Za-z0-9_-]{43}\n$/);
    expect(JSON.parse(outputs[1]!)).toMatchObject({ format: 'cordon-audit-checkpoint/1', public_key: outputs[0]!.trim() });
    for (const index of [2, 3, 4]) expect(outputs[index]).toMatch(/^\d+ entries are as they were sealed, .* checkpoints agree/);
    const exported = await sealed('audit.exported');
    expect(exported.actor).toMatch(/^(key|cli):/);
  }, LIMIT);

  it('leads to the first entry that was changed, in the database, in an export and in a restored backup', async () => {
    await run(`${CORDON} audit checkpoint > kept.json; ${CORDON} db backup backup`);
    const tamper = (target: string) => asSuperuser(product.database.superuserUrl, `UPDATE audit_row SET target = ${target} WHERE id = (SELECT row_id FROM audit_link WHERE seq = 2)`);
    await tamper("target || '!'");
    const { code, output } = await outcome(`${CORDON} audit verify --json`);
    expect({ code, result: JSON.parse(output) as unknown }).toMatchObject({ code: 1, result: { ok: false, entries: 1, finding: { kind: 'changed', seq: 2 }, notes: expect.arrayContaining([expect.stringContaining('administers the host')]) } });
    await run(`${CORDON} audit export --out changed.ndjson`);
    expect(await outcome(`${CORDON} audit verify --file changed.ndjson`)).toMatchObject({ code: 1, output: expect.stringContaining('changed: entry 2, id ') });
    await tamper("rtrim(target, '!')");
    expect(await outcome(`${CORDON} audit verify`)).toMatchObject({ code: 0 });

    const target = await createTestDatabase();
    const into = `CORDON_DATABASE_URL='${target.appUrl}' CORDON_DATABASE_OWNER_URL='${target.ownerUrl}' ${CORDON}`;
    try {
      expect(await outcome(`${into} audit checkpoint 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.no_checkpoint') });
      expect(await outcome(`${into} db restore backup`)).toMatchObject({ code: 0, output: expect.stringMatching(/audit trail: \d+ entries are as they were sealed/) });
      expect(await outcome(`${into} audit verify --checkpoint kept.json`)).toMatchObject({ code: 0 });
      const newest = JSON.stringify((await get('/v1/audit/checkpoint')).body);
      const later = await outcome(`${into} audit verify --checkpoint kept.json '${newest}'`);
      expect(later).toMatchObject({ code: 1, output: expect.stringContaining('truncated: entry ') });
    } finally {
      await target.drop();
    }
  }, LIMIT);

  it('gives no verdict on an export that none of the given checkpoints reaches', async () => {
    await run(`${CORDON} audit checkpoint > early.json`);
    const { seq } = JSON.parse(await run('cat early.json')) as { seq: number };
    await run(`${CORDON} audit export --out one.ndjson; ${CORDON} audit export --out two.ndjson`);
    await eventually(async () => ((await get<{ seq: number }>('/v1/audit/checkpoint')).body.seq >= seq + 2 ? true : undefined));
    await run(`${CORDON} audit export --from-seq ${seq + 2} --out tail.ndjson`);
    expect(await outcome(`${CORDON} audit verify --file tail.ndjson --checkpoint early.json 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.checkpoint_not_compared') });
    expect(await outcome(`${CORDON} audit verify --file one.ndjson --checkpoint early.json`)).toMatchObject({ code: 0 });
  }, LIMIT);

  it('refuses what is no checkpoint, key or export, and a host without the key', async () => {
    expect(await outcome(`${CORDON} audit verify --checkpoint nowhere.json 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.checkpoint_invalid') });
    expect(await outcome(`${CORDON} audit verify --public-key ed25519:x 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.public_key_invalid') });
    expect(await outcome(`${CORDON} audit verify --file package.json 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.file_unreadable') });
    expect(await outcome(`CORDON_DATA_DIRECTORY=./nowhere ${CORDON} audit public-key 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('audit.no_key') });
    expect(await outcome(`${CORDON} audit export --out package.json 2>&1`)).toMatchObject({ code: 1, output: expect.stringContaining('cli.file_exists') });
    expect(await outcome(`${CORDON} audit export --from-seq none 2>&1`)).toMatchObject({ code: 2 });
  }, LIMIT);
});

describe('a stop', () => {
  it('leaves nothing unsealed and its end signed', async () => {
    await product.send({ time: new Date().toISOString(), route: '/customers', response: { status: 200 } });
    await product.close();
    const client = new pg.Client({ connectionString: product.database.superuserUrl });
    await client.connect();
    const { rows } = await client.query('SELECT (SELECT count(*) FROM audit_pending) AS pending, (SELECT max(seq) FROM audit_link) = (SELECT max(seq) FROM audit_checkpoint) AS signed');
    await client.end();
    expect(rows).toEqual([{ pending: '0', signed: true }]);
    product = await Product.start({ again: product });
  });
});
