import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { uuidv7 } from '../kernel/index.js';
import { accessErrors } from './access.errors.js';

/** File in the data directory that holds the first admin key. */
export const ADMIN_KEY_FILE = 'admin.key';

/** Writes the key, mode 0600, whole or not at all, and gives the path. */
export async function writeAdminKeyFile(dataDirectory: string, text: string): Promise<string> {
  const target = path.join(dataDirectory, ADMIN_KEY_FILE);
  const draft = `${target}.${uuidv7()}.tmp`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${text}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw accessErrors.create('access.admin_key_file', { detail: target, cause: error });
  }
  return target;
}
