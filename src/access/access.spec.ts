import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeApiKeyStore } from '../../test/harness/fake-api-key-store.js';
import { ManualClock, PERMISSIONS, ROLES, type EntityRef, type PersonFact, type Unknown } from '../kernel/index.js';
import { Telemetry } from '../platform/index.js';
import { writeAdminKeyFile } from './admin-key-file.js';
import { ApiKeyService } from './api-key.service.js';
import { generateApiKey, parseApiKey } from './api-key.js';
import { Authenticator } from './authenticator.js';
import { mayDo, permissionsOf } from './permissions.js';

const ANN: PersonFact = {
  known: true, type: 'person', id: 'E-1', name: 'Ann', email: null, manager: null, isTop: true, team: null, status: 'active', leaverDate: null,
  criticality: null, breakGlass: null, source: 'hr', asOf: new Date('2026-03-01T00:00:00Z'),
};
const directory = {
  personOf: async ({ value }: EntityRef): Promise<PersonFact | Unknown> =>
    value.toUpperCase() === 'E-1' ? { ...ANN, id: 'E-1' } : { known: false, reason: 'not_found', detail: `no source states person ${value}` },
};

function make() {
  const clock = new ManualClock(new Date('2026-03-01T12:00:00Z'));
  const store = new FakeApiKeyStore(clock);
  const telemetry = new Telemetry({ level: 'silent' });
  return { clock, store, telemetry, service: new ApiKeyService(store, store.audit, directory), authenticator: new Authenticator(store, clock, telemetry) };
}

const code = (name: string) => expect.objectContaining({ code: name });

describe('Authenticator', () => {
  it('knows a caller by the key and gives the actor of audit entries', async () => {
    const { service, authenticator } = make();
    const { key, text } = await service.create({ name: 'soc', roles: ['analyst'] }, 'system:test');
    expect(await authenticator.authorise(`Bearer ${text}`, 'events.read')).toEqual({ actor: `key:${key.id}`, name: 'soc', roles: ['analyst'], person: null });
  });

  it('knows whose key it is, by the id as the context spells it', async () => {
    const { service, authenticator } = make();
    const { text } = await service.create({ name: 'ann', roles: ['approver'], person: 'e-1' }, 'system:test');
    expect(await authenticator.authorise(`Bearer ${text}`, 'approvals.decide')).toMatchObject({ person: 'E-1' });
  });

  it('makes no key for a person whom the context does not know', async () => {
    const { service, store } = make();
    await expect(service.create({ name: 'nobody', roles: ['approver'], person: 'E-9' }, 'system:test')).rejects.toEqual(code('access.unknown_person'));
    expect([store.keys, store.entries]).toEqual([[], []]);
  });

  it('refuses a missing, malformed, unknown, wrong, expired or revoked key alike, and counts which it was', async () => {
    const { clock, service, authenticator, telemetry } = make();
    const { text } = await service.create({ name: 'a', roles: ['viewer'] }, 'system:test');
    const expired = await service.create({ name: 'b', roles: ['viewer'], expiresAt: clock.now() }, 'system:test');
    const revoked = await service.create({ name: 'c', roles: ['viewer'] }, 'system:test');
    await service.revoke(revoked.key.id, 'system:test');
    const wrong = text.slice(0, -3) + (text.endsWith('AAA') ? 'BBB' : 'AAA');
    for (const header of [undefined, 'Basic eA==', 'Bearer x', `Bearer ${generateApiKey().text}`, `Bearer ${wrong}`, `Bearer ${expired.text}`, `Bearer ${revoked.text}`]) {
      await expect(authenticator.authorise(header, 'self.read')).rejects.toEqual(code('access.unauthenticated'));
    }
    const metrics = await telemetry.registry.metrics();
    for (const [reason, count] of [['missing', 1], ['malformed', 2], ['unknown', 2], ['inactive', 2]]) {
      expect(metrics).toContain(`cordon_access_refused_total{reason="${reason}"} ${count}`);
    }
  });

  it('refuses what no role of the key allows', async () => {
    const { service, authenticator } = make();
    const { text } = await service.create({ name: 'a', roles: ['viewer'] }, 'system:test');
    await expect(authenticator.authorise(`Bearer ${text}`, 'keys.manage')).rejects.toEqual(code('access.forbidden'));
  });

  it('says that it cannot check while the store is down', async () => {
    const { clock, telemetry } = make();
    const authenticator = new Authenticator({ find: () => Promise.reject(new Error('down')) }, clock, telemetry);
    await expect(authenticator.authorise(`Bearer ${generateApiKey().text}`, 'self.read')).rejects.toEqual(code('access.unavailable'));
  });
});

describe('permissions', () => {
  it('give every permission to some role and every role the right to know itself', () => {
    for (const permission of PERMISSIONS) expect(ROLES.some((role) => mayDo([role], permission))).toBe(true);
    for (const role of ROLES) expect(permissionsOf(role)).toContain('self.read');
  });

  it('stand in docs/access.md as they stand in the code', () => {
    const rows = ROLES.map((role) => `| \`${role}\` | ${permissionsOf(role).map((permission) => `\`${permission}\``).join(', ')} |`);
    const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/access.md'), 'utf8');
    for (const row of rows) expect(text).toContain(row);
  });

  it('keep the management of keys with the admin, and events and the audit chain from them', () => {
    expect(ROLES.filter((role) => mayDo([role], 'keys.manage'))).toEqual(['admin']);
    expect(mayDo(['admin'], 'events.read') || mayDo(['admin'], 'audit.read')).toBe(false);
  });
});

describe('API keys', () => {
  it('are stored without their secret and audited', async () => {
    const { service, store } = make();
    const { key, text } = await service.create({ name: 'a', roles: ['viewer', 'viewer'] }, 'key:1');
    const secret = parseApiKey(text)!.secret;
    expect(JSON.stringify([store.keys, store.entries])).not.toContain(secret);
    expect(store.keys[0]!.secretHash.toString('utf8')).not.toContain(secret);
    expect(store.entries).toEqual([expect.objectContaining({ action: 'access.key_created', actor: 'key:1', target: `key:${key.id}` })]);
    expect(key.roles).toEqual(['viewer']);
  });

  it('need roles that exist', async () => {
    const { service } = make();
    await expect(service.create({ name: 'a', roles: ['root'] }, 'x')).rejects.toEqual(code('access.unknown_role'));
    await expect(service.create({ name: 'a', roles: [] }, 'x')).rejects.toEqual(code('access.unknown_role'));
  });

  it('keep one active admin, also when two are revoked at once', async () => {
    const { service, store, clock } = make();
    const keys = await Promise.all(['a', 'b'].map((name) => service.create({ name, roles: ['admin'] }, 'x')));
    const outcomes = await Promise.allSettled(keys.map(({ key }) => service.revoke(key.id, 'x')));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(store.keys.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(1);
    clock.advance(1000);
    await expect(service.revoke('00000000-0000-0000-0000-000000000000', 'x')).rejects.toEqual(code('access.unknown_key'));
    await expect(service.revoke(store.keys.find(({ revokedAt }) => revokedAt === null)!.id, 'x')).rejects.toEqual(code('access.last_admin'));
  });

  it('take the admin key of the configuration once, and do not bring a revoked one back', async () => {
    const { service, store, authenticator } = make();
    const { text } = generateApiKey();
    await service.ensureConfiguredAdmin(`${text}\n`);
    await service.ensureConfiguredAdmin(text);
    expect(store.keys).toHaveLength(1);
    await authenticator.authorise(`Bearer ${text}`, 'keys.manage');
    await service.create({ name: 'other', roles: ['admin'] }, 'x');
    await service.revoke(store.keys[0]!.id, 'x');
    await service.ensureConfiguredAdmin(text);
    await expect(authenticator.authorise(`Bearer ${text}`, 'self.read')).rejects.toEqual(code('access.unauthenticated'));
    await expect(service.ensureConfiguredAdmin('hunter2')).rejects.toEqual(code('access.malformed_admin_key'));
  });
});

describe('first admin key', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'cordon-access-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is written once, readable by its owner alone, and works', async () => {
    const { service, authenticator, store } = make();
    await service.ensureFirstAdmin(async (text) => void (await writeAdminKeyFile(folder, text)));
    await service.ensureFirstAdmin(() => Promise.reject(new Error('must not be asked again')));
    const file = path.join(folder, 'admin.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await authenticator.authorise(`Bearer ${readFileSync(file, 'utf8').trim()}`, 'keys.manage');
    expect(store.keys).toHaveLength(1);
  });

  it('does not exist where its file cannot be written', async () => {
    const { service, store } = make();
    const publish = async (text: string) => void (await writeAdminKeyFile(path.join(folder, 'missing'), text));
    await expect(service.ensureFirstAdmin(publish)).rejects.toEqual(code('access.admin_key_file'));
    expect(store.keys).toEqual([]);
  });
});
