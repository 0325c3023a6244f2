import { Client } from 'pg';
import { sql } from './sql.js';

/** Owns the schema and migrates it. */
export const OWNER_ROLE = 'cordon_owner';
/** Runs the product; neither owner nor superuser. */
export const APP_ROLE = 'cordon_app';
export const DATABASE = 'cordon';

/**
 * Makes the two roles where they are missing. Repeating it is harmless, so a start that was cut short is completed by the
 * next one.
 */
export async function createRoles(superuser: Client, passwords: { readonly owner: string; readonly app: string }): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(sql.roles, [[OWNER_ROLE, APP_ROLE]]);
  const present = new Set(rows.map(({ name }) => name));
  if (!present.has(OWNER_ROLE)) await superuser.query(sql.createRole(OWNER_ROLE, passwords.owner));
  if (!present.has(APP_ROLE)) await superuser.query(sql.createRole(APP_ROLE, passwords.app));
}

/** Makes a database that belongs to the owner role and that the application role may enter, where it is missing. */
export async function createDatabase(superuser: Client, name: string): Promise<void> {
  const { rows } = await superuser.query(sql.databases, [name]);
  if (rows.length === 0) await superuser.query(sql.createDatabase(name, OWNER_ROLE));
  await superuser.query(sql.restrictDatabase(name, APP_ROLE));
}

/** Runs `work` on a connection of its own. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
