import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditRows } from '../../src/audit/index.js';
import { Database } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

let testDatabase: TestDatabase;
let app: Database;
let owner: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  [app, owner] = await Promise.all([Database.open({ url: testDatabase.appUrl }), Database.open({ url: testDatabase.ownerUrl })]);
  await app.transaction((tx) => new AuditRows().record(tx, [{ action: 'access.key_created', actor: 'key:1', target: 'key:2', detail: { nul: '\0', list: [1] } }]));
});

afterAll(async () => {
  await Promise.all([app.close(), owner.close()]);
  await testDatabase.drop();
});

const DENIED = { code: 'platform.database_denied' };

describe('the application role', () => {
  it('writes audit rows and reads them back', async () => {
    expect(await app.query('SELECT action, actor, target, detail FROM audit_row')).toEqual([
      { action: 'access.key_created', actor: 'key:1', target: 'key:2', detail: { nul: '\ufffd', list: [1] } },
    ]);
  });

  it.each([
    'UPDATE audit_row SET actor = $$nobody$$',
    'DELETE FROM audit_row',
    'TRUNCATE audit_row CASCADE',
    'ALTER TABLE audit_row DISABLE TRIGGER ALL',
    'DROP TRIGGER audit_row_no_change ON audit_row',
    'INSERT INTO log_record (position) VALUES (1)',
    'DELETE FROM log_record',
    'DELETE FROM log_dedupe',
    `SELECT nextval('log_position')`,
    'INSERT INTO fact (position) VALUES (1)',
    'UPDATE fact SET subject = $$x$$',
    `SELECT nextval('fact_position')`,
    'DELETE FROM signal',
    'UPDATE evidence SET position = 1',
    'UPDATE schema_migration SET name = $$x$$',
    `UPDATE context_entry SET body = '{}'`,
    'DELETE FROM context_name',
    'UPDATE context_import SET at = now()',
    'CREATE TABLE of_the_app ()',
    'CREATE FUNCTION of_the_app() RETURNS void LANGUAGE sql AS $$$$',
  ])('may not: %s', async (statement) => {
    await expect(app.query(statement)).rejects.toMatchObject(DENIED);
  });

  it('owns nothing', async () => {
    expect(await app.query('SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user')).toEqual([]);
  });

  it('cannot put an object of its own in front of one that a function of the owner uses', async () => {
    await app.transaction(async (tx) => {
      await tx.query('CREATE TEMPORARY TABLE fact (LIKE fact) ON COMMIT DROP');
      await tx.query(`SELECT fact_append(ARRAY[gen_random_uuid()], '{t}', '{temporary}', '{"{}"}', now())`);
      expect(await tx.query('SELECT FROM pg_temp.fact')).toEqual([]);
    });
    expect(await app.query('SELECT subject FROM fact')).toEqual([{ subject: 'temporary' }]);
  });
});

describe('the owner role', () => {
  it.each(['UPDATE audit_row SET actor = $$nobody$$', 'DELETE FROM audit_row', 'TRUNCATE audit_row CASCADE'])('is stopped by a trigger too: %s', async (statement) => {
    await expect(owner.query(statement)).rejects.toMatchObject(DENIED);
  });
});
