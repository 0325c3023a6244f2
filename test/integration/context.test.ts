import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { ContextImporter, PostgresDirectory } from '../../src/context/index.js';
import { ManualClock } from '../../src/kernel/index.js';
import { Database, silentTelemetry } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const START = new Date('2026-03-01T12:00:00Z');

let testDatabase: TestDatabase;
let database: Database;
let owner: Database;
let importer: ContextImporter;
let directory: PostgresDirectory;
const clock = new ManualClock(START);

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await Database.open({ url: testDatabase.appUrl, poolSize: 4 }, { clock });
  owner = await Database.open({ url: testDatabase.ownerUrl, poolSize: 1 });
  importer = new ContextImporter(database, new AuditRows(), silentTelemetry());
  directory = new PostgresDirectory(database);
});

afterAll(async () => {
  await Promise.all([database.close(), owner.close()]);
  await testDatabase.drop();
});

beforeEach(async () => {
  clock.set(START);
  await owner.query('TRUNCATE context_import, context_entry, context_name');
});

const PEOPLE = `person_id,name,email,manager,team,status,leaver_date,criticality,break_glass
E-1,Avery Quinn,avery@example.com,E-2,sales,leaving,2026-04-30,high,no
E-2,Blair Osei,blair@example.com,E-3,sales,active,,,
E-3,Casey Lund,casey@example.com,-,board,active,,critical,yes
E-4,Drew Pike,,,,,,,
`;
const ACCOUNTS = `account_id,system,kind,person,aliases,tokens
avery,okta,,e-1,AVERY@EXAMPLE.COM; aquinn,tok-Avery
admin,okta,,E-1,,
admin,aws,,E-2,,
batch,aws,service,E-2,,tok-batch
stray,okta,,,,
`;
const ENDPOINTS = `endpoint_id,name,owner,aliases,hosts,addresses,data_class
GET /v1/customers,Customers,E-2,,api.example.com,192.0.2.10;2001:DB8::10,confidential
`;

const load = (text: Readonly<Record<string, string>>, { source = 'hr', check = false, skipBadRows = false } = {}) =>
  importer.run({ source, check, skipBadRows, actor: 'key:test', files: Object.entries(text).map(([name, content]) => ({ name, content })) });

const everything = { 'people.csv': PEOPLE, 'accounts.csv': ACCOUNTS, 'endpoints.csv': ENDPOINTS };

describe('directory', () => {
  beforeEach(async () => void (await load(everything)));

  it('answers with all that is stated, its source and its age', async () => {
    expect(await directory.resolve({ type: 'person', value: 'e-1' })).toEqual({
      known: true, type: 'person', source: 'hr', asOf: START, id: 'E-1', name: 'Avery Quinn', email: 'avery@example.com', manager: 'E-2', isTop: false,
      team: 'sales', status: 'leaving', leaverDate: '2026-04-30', criticality: 'high', breakGlass: false,
    });
    expect(await directory.resolve({ type: 'endpoint', value: 'get /V1/customers' })).toMatchObject({ id: 'GET /v1/customers', owner: 'E-2', dataClass: 'confidential', criticality: null });
    expect(await directory.count('account')).toBe(5);
  });

  it.each([
    ['account', 'avery@example.com', undefined],
    ['account', 'Aquinn', undefined],
    ['account', 'aquinn', 'okta'],
    ['account', 'admin', 'okta'],
    ['account', 'AVERY@example.com', 'entra'],
    ['token', 'tok-Avery', undefined],
    ['person', 'E-1', undefined],
  ] as const)('finds the person behind %s %s in %s', async (type, value, system) => {
    expect(await directory.personOf({ type, value, ...(system && { system }) })).toMatchObject({ known: true, id: 'E-1', source: 'hr', asOf: START });
  });

  it.each([
    ['account', 'nobody', undefined, 'not_found'],
    ['account', 'admin', undefined, 'ambiguous'],
    ['account', 'aquinn', 'aws', 'not_found'],
    ['account', 'stray', undefined, 'not_stated'],
    ['account', 'batch', undefined, 'not_personal'],
    ['token', 'tok-batch', undefined, 'not_personal'],
    ['token', 'TOK-AVERY', undefined, 'not_found'],
    ['ip', '192.0.2.10', undefined, 'not_personal'],
    ['host', 'api.example.com', undefined, 'not_personal'],
  ] as const)('does not guess who acts under %s %s in %s: %s', async (type, value, system, reason) => {
    expect(await directory.personOf({ type, value, ...(system && { system }) })).toMatchObject({ known: false, reason });
  });

  it('finds an endpoint by host and address, however they are written', async () => {
    for (const [type, value] of [['host', 'API.example.com.'], ['ip', '::ffff:192.0.2.10'], ['ip', '2001:db8:0::10']] as const) {
      expect(await directory.resolve({ type, value })).toMatchObject({ known: true, type: 'endpoint', id: 'GET /v1/customers' });
    }
  });

  it('tells the account from the e-mail address of its person, and two accounts apart only by system', async () => {
    expect(await directory.resolve({ type: 'account', value: 'avery@example.com' })).toMatchObject({ type: 'account', id: 'avery', system: 'okta', kind: 'human' });
    expect(await directory.resolve({ type: 'account', value: 'admin', system: 'aws' })).toMatchObject({ type: 'account', person: 'E-2' });
    expect(await directory.resolve({ type: 'account', value: 'admin' })).toMatchObject({ known: false, reason: 'ambiguous' });
  });

  it('follows managers to the top and says where it cannot', async () => {
    expect(await directory.managersOf('E-1')).toMatchObject({ managers: [{ id: 'E-2' }, { id: 'E-3' }], end: 'top' });
    expect(await directory.managersOf('E-4')).toMatchObject({ managers: [], end: { reason: 'not_stated' } });
    expect(await directory.managersOf('E-9')).toMatchObject({ managers: [], end: { reason: 'not_found' } });
    const reports = await Promise.all([directory.reportsTo('E-1', 'e-3'), directory.reportsTo('E-3', 'E-1'), directory.reportsTo('E-4', 'E-1')]);
    expect(reports).toEqual(['yes', 'no', 'unknown']);
  });

  it('reads inside a transaction of the caller', async () => {
    const single = await Database.open({ url: testDatabase.appUrl, poolSize: 1 });
    const inside = await single.transaction((tx) => new PostgresDirectory(single).personOf({ type: 'account', value: 'aquinn' }, { tx }));
    await single.close();
    expect(inside).toMatchObject({ id: 'E-1' });
  });

  it('keeps the answers of earlier times', async () => {
    clock.advance(60_000);
    const report = await load({ 'people.csv': PEOPLE.replace('sales,leaving', 'sales,left').replace(/E-4.*\n/, '') });
    expect(report.changes).toEqual({ added: 0, changed: 1, removed: 7, unchanged: 2 });
    expect(await directory.personOf({ type: 'person', value: 'E-1' })).toMatchObject({ status: 'left', asOf: clock.now() });
    expect(await directory.resolve({ type: 'account', value: 'aquinn' })).toMatchObject({ known: false, reason: 'not_found' });
    for (const at of [START, new Date(clock.now().getTime() - 1)]) {
      expect(await directory.personOf({ type: 'account', value: 'aquinn' }, { at })).toMatchObject({ status: 'leaving', asOf: START });
      expect(await directory.managersOf('E-1', { at })).toMatchObject({ managers: [{ id: 'E-2' }, { id: 'E-3' }] });
    }
    expect(await directory.personOf({ type: 'person', value: 'E-1' }, { at: new Date(START.getTime() - 1) })).toMatchObject({ known: false, reason: 'not_found' });
  });

  it('says so when a source no longer states the person of an account', async () => {
    await load({ 'saas.csv': 'account_id,person\ndrew-saas,E-4\n' }, { source: 'saas' });
    clock.advance(1000);
    await load({ 'people.csv': PEOPLE.replace(/E-4.*\n/, '') });
    expect(await directory.personOf({ type: 'account', value: 'drew-saas' })).toMatchObject({ known: false, reason: 'dangling' });
    expect(await directory.resolve({ type: 'account', value: 'drew-saas' })).toMatchObject({ known: true, source: 'saas', asOf: new Date(START.getTime() + 1) });
  });
});

describe('import', () => {
  it('of the same files again changes no row, confirms the age, and is audited', async () => {
    await load(everything);
    const rows = () => owner.query('SELECT * FROM context_entry ORDER BY type, key').then(async (entries) => [entries, await owner.query('SELECT * FROM context_name ORDER BY kind, key, system, entry_key')]);
    const before = await rows();
    const report = await load(everything);
    expect(report).toMatchObject({ applied: true, changes: { added: 0, changed: 0, removed: 0, unchanged: 10 }, findingCount: 0, warnings: [expect.stringContaining('manager: 1;')] });
    expect(await rows()).toEqual(before);
    expect(report.at).toEqual(new Date(START.getTime() + 1));
    expect(await directory.personOf({ type: 'person', value: 'E-1' })).toMatchObject({ asOf: report.at });
    const audited = await database.query(`SELECT action, actor, target FROM audit_row WHERE target = 'context:hr'`);
    expect(audited).toContainEqual({ action: 'context.imported', actor: 'key:test', target: 'context:hr' });
  });

  it('with a finding changes nothing, unless told to leave bad rows out', async () => {
    await load(everything);
    const bad = { 'people.csv': `${PEOPLE}E-5,Eli,not-an-address,E-3,,,,,\nE-6,Fay,fay@example.com,E-3,,,,,\n` };
    await expect(load(bad)).rejects.toMatchObject({ code: 'context.import_has_findings', details: { extra: { findings: [{ file: 'people.csv', line: 6, id: 'E-5', field: 'email' }] } } });
    expect(await directory.count('person')).toBe(4);
    expect(await load(bad, { check: true })).toMatchObject({ applied: false, at: null, rejectedRows: 1, changes: { added: 1, removed: 6, unchanged: 4 } });
    expect(await directory.count('person')).toBe(4);
    expect(await load(bad, { skipBadRows: true })).toMatchObject({ applied: true, rejectedRows: 1 });
    expect(await directory.count('person')).toBe(5);
  });

  it('replaces its own source and is held against the others', async () => {
    await load(everything);
    const rival = { 'more.json': JSON.stringify({ people: [{ id: 'E-1' }, { id: 'E-7', email: 'blair@example.com', manager: 'E-3' }], accounts: [{ id: 'aquinn', system: 'okta', person: 'E-3' }] }) };
    const { findings } = await load(rival, { source: 'other', check: true });
    expect(findings.map(({ id, field }) => `${id} ${field}`)).toEqual(['E-1 id', 'E-7 email', 'aquinn id']);
    expect(findings[0]).toMatchObject({ reason: expect.stringContaining('source hr') });
    await load({ 'more.csv': 'account_id,person\ncasey-bot,E-3\n' }, { source: 'other' });
    expect(await directory.count('account')).toBe(6);
  });

  it('of two at once lets the second see the first', async () => {
    await load({ 'people.csv': PEOPLE });
    const both = () => Promise.allSettled(['one', 'two'].map((source) => load({ 'a.csv': `account_id,person\nshared-${source},E-1\nfought-over,${source === 'one' ? 'E-1' : 'E-2'}\n` }, { source })));
    // Neither can write before both wait: without the lock of imports, both would have read by then.
    const outcomes = await owner.transaction(async (tx) => {
      await tx.query('LOCK TABLE context_entry IN SHARE MODE');
      const running = both();
      while ((await tx.query(`SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)).length < 2);
      return { running };
    });
    const settled = await outcomes.running;
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(settled).toContainEqual({ status: 'rejected', reason: expect.objectContaining({ code: 'context.import_has_findings' }) });
  });

  it('refuses what is empty or too large', async () => {
    await expect(load({ 'people.csv': 'person_id\n' })).rejects.toMatchObject({ code: 'context.nothing_to_import' });
    await expect(load({ 'people.csv': 'person_id,email\nE-1,x\n' }, { skipBadRows: true })).rejects.toMatchObject({ code: 'context.nothing_to_import' });
    await expect(load({ 'people.csv': `person_id\n${'x'.repeat(16 * 1024 * 1024)}` })).rejects.toMatchObject({ code: 'context.import_too_large' });
  });
});
