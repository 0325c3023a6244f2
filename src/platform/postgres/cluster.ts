import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { explainWriteError } from '../data-directory/data-directory.js';
import type { Place } from './place.js';
import { postgresErrors } from './postgres.errors.js';
import { runCommand } from './run-command.js';

const DRAFT = '.initdb-';

export const SUPERUSER = 'postgres';

/**
 * @throws CordonError `platform.postgres_version_mismatch` before anything touches files of another major version
 */
export async function checkClusterVersion(cluster: string, major: string): Promise<void> {
  const file = path.join(cluster, 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = (await readFile(file, 'utf8')).trim();
  if (found !== major) throw postgresErrors.create('platform.postgres_version_mismatch', { detail: `${cluster} has version ${found}, this release runs ${major}` });
}

export interface CreateClusterOptions {
  /** Of the superuser. */
  readonly password: string;
  readonly durable: boolean;
  /** Ends initdb; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the cluster. It gets its name only when complete, so that one cut short by a signal or a crash is never taken
 * for a database; what those leave behind is removed here.
 */
export async function createCluster(place: Place, { password, durable, signal }: CreateClusterOptions): Promise<void> {
  const { directory, cluster, runtime, runAs } = place;
  await removeDrafts(directory);
  const draft = await mkdtemp(path.join(directory, DRAFT));
  const passwordFile = path.join(draft, 'password');
  const files = path.join(draft, 'cluster');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (runAs) for (const name of [draft, passwordFile]) await chown(name, runAs.uid, runAs.gid);
    const args = ['-D', files, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C', '--no-instructions'];
    const { code, output } = await runCommand(runtime.initdb, durable ? args : [...args, '--no-sync'], draft, { runAs, signal });
    signal?.throwIfAborted();
    if (code !== 0) throw postgresErrors.create('platform.postgres_start_failed', { detail: `initdb in ${directory}: ${lastLines(output)}` });
    await rename(files, cluster);
  } catch (error) {
    throw explainWriteError(error, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** An initdb that outlived a killed start may still be writing: what it keeps busy goes another time. */
async function removeDrafts(directory: string): Promise<void> {
  const drafts = (await readdir(directory)).filter((name) => name.startsWith(DRAFT));
  await Promise.all(drafts.map((name) => rm(path.join(directory, name), { recursive: true, force: true }).catch(() => undefined)));
}

export function lastLines(text: string, count = 6): string {
  return text.trim().split('\n').slice(-count).join(' | ');
}
