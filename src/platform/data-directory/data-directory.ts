import { chmod, mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CordonError } from '../../kernel/index.js';
import { dataDirectoryErrors } from './data-directory.errors.js';
import { takeProcessLock, type ProcessLock } from './process-lock.js';

export interface DataDirectory {
  /** Real absolute path. */
  readonly path: string;
  /** Lets another process have it. */
  release(): void;
}

/**
 * Creates the data directory where needed, proves that it can be written and takes it for this process.
 *
 * @throws CordonError `platform.data_directory_not_writable`, `platform.data_directory_in_use`, `platform.disk_full`
 */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const path = await prepareDataDirectory(directory);
  const lock = takeLock(path);
  return { path, release: () => lock.release() };
}

/** Creates the directory and proves that it can be written, without taking it. Gives its real path. */
export async function prepareDataDirectory(directory: string): Promise<string> {
  const wanted = resolve(directory);
  try {
    const created = await mkdir(wanted, { recursive: true });
    // Started by root, the database runs as another user, who must be able to pass through; what is secret in here has 0600 itself.
    if (created !== undefined) await chmod(wanted, process.getuid?.() === 0 ? 0o711 : 0o700);
    const path = await realpath(wanted);
    const probe = join(path, `.write-${process.pid}`);
    try {
      // Not empty: a full disk still takes an empty file.
      await writeFile(probe, 'probe', { mode: 0o600 });
    } finally {
      await rm(probe, { force: true });
    }
    return path;
  } catch (error) {
    throw explainWriteError(error, wanted);
  }
}

/** A file system error on `path` as a catalogue error, or the error itself when it is of another kind. */
export function explainWriteError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const details = { detail: `${path} (${code})`, cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT') return dataDirectoryErrors.create('platform.disk_full', details);
  if (code && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR'].includes(code)) {
    return dataDirectoryErrors.create('platform.data_directory_not_writable', details);
  }
  return error;
}

function takeLock(path: string): ProcessLock {
  const lock = takeProcessLock(join(path, 'cordon.lock'));
  if ('holder' in lock) throw inUse(path, lock.holder.pid);
  return lock;
}

function inUse(path: string, pid: number): CordonError {
  return dataDirectoryErrors.create('platform.data_directory_in_use', {
    detail: pid === 0 ? path : `${path} is used by process ${pid}`,
    extra: { pid },
  });
}
