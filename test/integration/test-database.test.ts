import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../harness/database.js';

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

describe('createTestDatabase', () => {
  it('gives a database of its own, in C collation, that neither role rules', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const [owner, app, other] = await Promise.all([connect(first.ownerUrl), connect(first.appUrl), connect(second.ownerUrl)]);
    try {
      await owner.query('CREATE TABLE only_here ()');
      expect((await other.query(`SELECT to_regclass('only_here') AS found`)).rows).toEqual([{ found: null }]);
      expect((await app.query('SELECT current_user AS name, rolsuper FROM pg_roles WHERE rolname = current_user')).rows).toEqual([{ name: 'cordon_app', rolsuper: false }]);
      expect((await app.query('SELECT datcollate FROM pg_database WHERE datname = current_database()')).rows).toEqual([{ datcollate: 'C' }]);
      await expect(app.query('CREATE TABLE of_the_app ()')).rejects.toThrow(/permission denied/);
    } finally {
      await Promise.all([owner.end(), app.end(), other.end()]);
      await Promise.all([first.drop(), second.drop()]);
    }
  });

  it('fails on a connection that nobody closed', async () => {
    const database = await createTestDatabase({ migrated: false });
    const leak = await connect(database.appUrl);
    leak.on('error', () => undefined);
    await expect(database.drop()).rejects.toThrow(/1 connections were still open.*cordon_app/);
  });
});
