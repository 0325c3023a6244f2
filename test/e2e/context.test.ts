import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApiKeyService } from '../../src/access/index.js';
import { importContext, showContext } from '../../src/cli/context.js';
import { Product } from '../harness/product.js';

let product: Product;
let admin: string;
let folder: string;
let config: string;
let stdout = '';
let stderr = '';

beforeAll(async () => {
  product = await Product.start();
  admin = (await product.app.nest.get(ApiKeyService).create({ name: 'admin', roles: ['admin'] }, 'system:test')).text;
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-context-'));
  config = path.join(folder, 'cordon.yaml');
  writeFileSync(config, `database: { url: "${product.database.appUrl}" }\n`);
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PEOPLE = 'person_id,email,manager\nE-1,avery@example.com,E-2\nE-2,,-\n';

function post(body: unknown, { key = admin, query = '' } = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${product.url}/v1/context/import${query}`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: text });
}

const file = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};

async function cli<T>(work: () => Promise<T>): Promise<{ result: T; stdout: string; stderr: string }> {
  stdout = '';
  stderr = '';
  const result = await work();
  return { result, stdout, stderr };
}

describe('context over HTTP', () => {
  it('imports for who may manage it, and answers who may read it', async () => {
    const body = { source: 'hr', files: [{ name: 'people.csv', content: PEOPLE }] };
    expect((await post(body, { key: product.key })).status).toBe(403);
    const checked = await post(body, { query: '?check=true' });
    expect(await checked.json()).toMatchObject({ applied: false, changes: { added: 2 }, findings: [] });
    expect((await product.call('GET', '/v1/context/people/E-1')).status).toBe(404);
    expect(await (await post(body)).json()).toMatchObject({ source: 'hr', applied: true, rows: { person: 2 } });
    expect(await product.get('/v1/context/people/e-1')).toMatchObject({ id: 'E-1', source: 'hr', as_of: expect.any(String), is_top: false, managers: [{ id: 'E-2' }], managers_end: { known: true } });
    expect(await product.get('/v1/context/resolve?type=account&value=AVERY@example.com')).toMatchObject({ answer: { type: 'person', id: 'E-1' }, person: { id: 'E-1' } });
    expect(await product.get('/v1/context/resolve?type=ip&value=192.0.2.1')).toMatchObject({ answer: { known: false, reason: 'not_found' }, person: { known: false, reason: 'not_personal' } });
    expect((await fetch(`${product.url}/v1/context/people/E-1`, { headers: { authorization: `Bearer ${admin}` } })).status).toBe(403);
  });

  it('takes bodies beyond the limit of other routes', async () => {
    const content = `person_id,name\n${Array.from({ length: 6000 }, (_, index) => `X-${index},${'n'.repeat(60)}\n`).join('')}`;
    expect(await (await post({ source: 'large', files: [{ name: 'large.csv', content }] })).json()).toMatchObject({ rows: { person: 6000 } });
  });

  it.each([
    ['not json', '', 400, 'context.request_invalid'],
    [{ source: 'HR', files: [] }, '', 400, 'context.request_invalid'],
    [{ source: 'hr', files: [{ name: 'a.csv', content: 'x\n1\n' }] }, '', 400, 'context.file_unreadable'],
    [{ source: 'hr', files: [{ name: 'a.csv', content: 'person_id\n' }] }, '', 400, 'context.nothing_to_import'],
    [{ source: 'hr', files: [{ name: 'a.csv', content: 'person_id,manager\nE-1,E-9\n' }] }, '', 422, 'context.import_has_findings'],
    [{ source: 'hr', files: [{ name: 'a.csv', content: PEOPLE }] }, '?check=maybe', 400, 'context.request_invalid'],
  ])('refuses %j%s with %i %s', async (body, query, status, code) => {
    const response = await post(body, { query });
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { code } });
  });

  it('names what it was asked wrongly', async () => {
    for (const [address, code] of [['/v1/context/people/E-404', 'context.person_unknown'], ['/v1/context/resolve?type=robot&value=x', 'context.request_invalid'], ['/v1/context/people/E-1?at=noon', 'context.request_invalid']]) {
      expect(await (await product.call('GET', address!)).json()).toMatchObject({ code });
    }
  });
});

describe('docs/how-to/context.md', () => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/how-to/context.md'), 'utf8');
  const blocks = (language: string) => [...text.matchAll(new RegExp('```' + language + '\\n([^`]*)```', 'g'))].map((match) => match[1]!);

  it('has files that import without a finding', async () => {
    const csv = blocks('csv').map((content, index) => ({ name: `${index}.csv`, content }));
    expect(csv).toHaveLength(3);
    for (const files of [csv, blocks('json').map((content) => ({ name: 'all.json', content }))]) {
      expect(await (await post({ source: 'hr', files }, { query: '?check=true' })).json()).toMatchObject({ finding_count: 0, warnings: [], rows: { person: 2, endpoint: 1 } });
    }
  });

  it('describes every reason of an unknown', () => {
    for (const reason of ['not_found', 'ambiguous', 'not_personal', 'not_stated', 'dangling']) expect(text).toContain(`| \`${reason}\` |`);
  });
});

describe('cordon context', () => {
  it('checks, imports and shows', async () => {
    const accounts = file('accounts.csv', 'account_id,person,aliases\nbo,E-2,aka-bo\n');
    const bad = file('bad.csv', 'account_id,person\nghost,E-99\n');
    const refused = await cli(() => importContext([accounts, bad], { config, source: 'saas' }));
    expect(refused).toMatchObject({ result: 1, stdout: '', stderr: expect.stringMatching(/bad\.csv:2: account ghost: person "e-99" is no person[\s\S]*context\.import_has_findings/) });
    const checked = await cli(() => importContext([accounts, bad], { config, source: 'saas', check: true }));
    expect(checked).toMatchObject({ result: 1, stdout: expect.stringContaining('would be 1 added'), stderr: expect.stringContaining('bad.csv:2') });
    const imported = await cli(() => importContext([accounts, bad], { config, source: 'saas', skipBadRows: true, json: true }));
    expect({ ...imported, stdout: JSON.parse(imported.stdout) }).toMatchObject({ result: 0, stdout: { applied: true, rejected_rows: 1, changes: { added: 1 } } });
    const shown = await cli(() => showContext('AKA-bo', { config }));
    expect(shown.result).toBe(0);
    expect(shown.stdout).toMatch(/^account bo, stated by saas as of .*\n[\s\S]*acts under it: person E-2, stated by hr[\s\S]*managers: top\n$/);
    expect(await cli(() => showContext('ip:2001:db8::1', { config }))).toMatchObject({ result: 1, stdout: expect.stringContaining('unknown (not_found): no source states ip "2001:db8::1"') });
    const [entry] = await product.app.platform.database.query<{ actor: string }>(`SELECT actor FROM audit_row WHERE target = 'context:saas'`);
    expect(entry?.actor).toMatch(/^cli:/);
  });

  it('names files it cannot read', async () => {
    await expect(importContext([path.join(folder, 'absent.csv')], { config, source: 'x' })).rejects.toMatchObject({ code: 'context.file_unreadable' });
    writeFileSync(path.join(folder, 'latin.csv'), Buffer.from([0x70, 0xe9]));
    await expect(importContext([path.join(folder, 'latin.csv')], { config, source: 'x' })).rejects.toMatchObject({ code: 'context.file_unreadable' });
  });
});
