import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mayDo } from '../../src/access/index.js';
import { createKey, listKeys, revokeKey } from '../../src/cli/keys.js';
import { PUBLIC_ROUTES, type RegisteredRoute } from '../../src/platform/index.js';
import { as, importContext } from '../harness/people.js';
import { Product } from '../harness/product.js';

const root = path.resolve(import.meta.dirname, '../..');

let product: Product;
let folder: string;
let config: string;
let output: string;

beforeAll(async () => {
  product = await Product.start();
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-access-'));
  config = path.join(folder, 'cordon.yaml');
  writeFileSync(config, `database: { url: "${product.database.appUrl}" }\n`);
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function cli(work: () => Promise<void>): Promise<string> {
  output = '';
  await work();
  return output;
}

async function keyWith(...role: string[]): Promise<string> {
  return (await cli(() => createKey({ config, name: role.join('+'), role }))).trim();
}

function call({ method, url }: RegisteredRoute, authorization?: string): Promise<Response> {
  const address = url.replace(/:\w+/g, '00000000-0000-7000-8000-000000000000');
  return fetch(product.url + address, { method, headers: authorization === undefined ? {} : { authorization } });
}

/** A page is called with the cookie that a key gives. */
async function visit({ method, url }: RegisteredRoute, key?: string): Promise<Response> {
  const signedIn = key === undefined ? undefined : await fetch(`${product.url}/login`, { method: 'POST', body: new URLSearchParams({ key }), redirect: 'manual' });
  const cookie = signedIn?.headers.get('set-cookie')?.split(';', 1)[0];
  const address = url.replace(/:\w+/g, '00000000-0000-7000-8000-000000000000');
  return fetch(product.url + address, { method, redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
}

describe('every route', () => {
  it('has an access decision, and the public ones are those of the table', () => {
    const open = product.app.routes.filter(({ method, access }) => 'public' in access && method !== 'HEAD');
    expect(open.map(({ method, url }) => `${method} ${url}`).sort()).toEqual(PUBLIC_ROUTES.map(({ method, url }) => `${method} ${url}`).sort());
    expect(product.app.routes.length).toBeGreaterThan(PUBLIC_ROUTES.length);
  });

  it('stands in docs/api.md with its access', () => {
    const rows = product.app.routes.filter(({ method }) => method !== 'HEAD').map(({ method, url, access }) => `| \`${method} ${url}\` | ${'public' in access ? 'public' : `\`${access.permission}\``} |`);
    expect(readFileSync(path.join(root, 'docs/api.md'), 'utf8').split('\n').filter((line) => line.startsWith('| `')).sort()).toEqual(rows.sort());
  });

  it('with a permission refuses a caller without a key, with a wrong one and with a role that lacks it, and lets the others in', async () => {
    const viewer = await keyWith('viewer');
    const [wrong, analyst] = [`${viewer.slice(0, -4)}AAAA`, await keyWith('analyst', 'engineer', 'privacy', 'auditor', 'admin')];
    for (const route of product.app.routes) {
      if ('public' in route.access) continue;
      const name = `${route.method} ${route.url}`;
      const { by } = route.access;
      const statuses = async (key?: string) => (by === 'session' ? await visit(route, key) : await call(route, key === undefined ? undefined : `Bearer ${key}`)).status;
      expect({ name, none: await statuses(), wrong: await statuses(wrong) }).toEqual({ name, none: 401, wrong: 401 });
      const viewerMay = mayDo(['viewer'], route.access.permission);
      expect({ name, refused: [401, 403].includes(await statuses(viewer)) }).toEqual({ name, refused: !viewerMay });
      expect({ name, refused: [401, 403].includes(await statuses(analyst)) }).toEqual({ name, refused: false });
    }
  });
});

describe('/v1/keys', () => {
  const admin = async (method: string, address: string, body?: unknown) => as(product, await keyWith('admin'), method, address, body);

  it('makes the key of a person, lists it without its secret and stops it', async () => {
    await importContext(product, { 'people.csv': 'person_id\nE-1\n' });
    const made = await admin('POST', '/v1/keys', { name: 'ann', roles: ['approver'], person: 'e-1', expires: '2099-01-01T00:00:00Z' });
    expect(made.status).toBe(201);
    const { id, key, person } = (await made.json()) as { id: string; key: string; person: string };
    expect(person).toBe('E-1');
    expect((await as(product, key, 'GET', '/v1/approvals')).status).toBe(200);
    const list = await (await admin('GET', '/v1/keys')).text();
    expect([list.includes(id), list.includes(key.split('_')[2]!)]).toEqual([true, false]);
    expect((await admin('DELETE', `/v1/keys/${id}`)).status).toBe(204);
    expect((await as(product, key, 'GET', '/v1/approvals')).status).toBe(401);
    await expect(createKey({ config, name: 'x', role: ['approver'], person: 'E-9' })).rejects.toMatchObject({ code: 'access.unknown_person' });
    expect((JSON.parse(await cli(() => createKey({ config, name: 'x', role: ['approver'], person: 'e-1', json: true }))) as { person: string }).person).toBe('E-1');
  });

  it.each([
    ['access.unknown_person', { name: 'x', roles: ['viewer'], person: 'E-9' }],
    ['access.unknown_role', { name: 'x', roles: ['boss'] }],
    ['access.request_invalid', { name: 'x', roles: ['viewer'], secret: 'mine' }],
  ])('refuses with %s', async (code, body) => {
    const answer = await admin('POST', '/v1/keys', body);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, code]);
  });
});

describe('cordon keys', () => {
  it('makes a key that works, lists it without its secret and stops it at once', async () => {
    const key = await keyWith('viewer');
    const read = () => fetch(`${product.url}/v1/signals`, { headers: { authorization: `Bearer ${key}` } });
    expect((await read()).status).toBe(200);
    const list = await cli(() => listKeys({ config, json: true }));
    expect(list).not.toContain(key.split('_')[2]);
    const id = (JSON.parse(list) as { id: string }[]).find((one) => one.id.replaceAll('-', '') === key.split('_')[1])!.id;
    await cli(() => revokeKey(id, { config }));
    expect((await read()).status).toBe(401);
    const rows = await product.app.platform.database.query<{ action: string }>('SELECT action FROM audit_row WHERE target = $1 ORDER BY id', [`key:${id}`]);
    expect(rows.map(({ action }) => action)).toEqual(['access.key_created', 'access.key_revoked']);
  });

  it('keeps the last admin key', async () => {
    const admins = (JSON.parse(await cli(() => listKeys({ config, json: true }))) as { id: string; roles: string[]; state: string }[]).filter((key) => key.roles.includes('admin') && key.state === 'active');
    for (const { id } of admins.slice(1)) await cli(() => revokeKey(id, { config }));
    await expect(revokeKey(admins[0]!.id, { config })).rejects.toMatchObject({ code: 'access.last_admin' });
  });

  it('writes a key to a new file of its owner, and makes none where the file exists', async () => {
    const out = path.join(folder, 'soc.key');
    await cli(() => createKey({ config, name: 'soc', role: ['viewer'], out }));
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(readFileSync(out, 'utf8')).toMatch(/^cordon_[0-9a-f]{32}_[\w-]{43}\n$/);
    await expect(createKey({ config, name: 'second', role: ['viewer'], out })).rejects.toMatchObject({ code: 'cli.file_exists' });
    const second = (JSON.parse(await cli(() => listKeys({ config, json: true }))) as { name: string; state: string }[]).filter(({ name }) => name === 'second');
    expect(second.map(({ state }) => state)).toEqual(['revoked']);
  });
});
