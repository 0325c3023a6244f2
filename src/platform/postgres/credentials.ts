import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { postgresErrors } from './postgres.errors.js';

const FILE = 'database.json';
const password = z.string().min(32);
const schema = z.strictObject({ superuser: password, owner: password, app: password });

/** Passwords of the three roles of an embedded database. */
export type Credentials = z.output<typeof schema>;

/** The passwords kept in the data directory, or undefined before the first start. */
export function readCredentials(dataDirectory: string): Credentials | undefined {
  const file = path.join(dataDirectory, FILE);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw postgresErrors.create('platform.postgres_credentials_missing', { detail: `${file} cannot be read`, cause: error });
  }
}

/** Makes random passwords and keeps them (0600). On disk before the cluster that needs them. */
export async function createCredentials(dataDirectory: string): Promise<Credentials> {
  const [superuser, owner, app] = Array.from({ length: 3 }, () => randomBytes(32).toString('hex')) as [string, string, string];
  const credentials = { superuser, owner, app };
  const file = path.join(dataDirectory, FILE);
  const draft = `${file}.${process.pid}.tmp`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(credentials, undefined, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  return credentials;
}
