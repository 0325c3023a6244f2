import { readlinkSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLineOf, pidExists } from '../data-directory/process-identity.js';

const POLL_MS = 50;

/**
 * Whether `pid` is a PostgreSQL server that runs on `cluster`, and not a process that got the pid of a dead one. Where
 * the system does not show processes, a live pid is taken for one; connecting to it decides later.
 */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!pidExists(pid)) return false;
  const command = commandLineOf(pid);
  if (command === undefined) return process.platform !== 'linux';
  if (!path.basename(command[0] ?? '').startsWith('postgres')) return false;
  try {
    // A server changes into its cluster, and the kernel follows the folder when that is renamed.
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
  } catch {
    return command.includes(cluster);
  }
}

/** Waits until `done` or the time is up; gives whether it came true. */
export async function waitUntil(done: () => boolean, milliseconds: number): Promise<boolean> {
  for (let waited = 0; !done(); waited += POLL_MS) {
    if (waited >= milliseconds) return false;
    await sleep(POLL_MS);
  }
  return true;
}
