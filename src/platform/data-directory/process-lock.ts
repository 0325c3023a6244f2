import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.js';

/** Replacing a dead holder takes microseconds; a marker older than this was left by a process that was killed in it. */
const REPLACEMENT_MS = 5_000;
const ATTEMPTS = 3;

export interface ProcessLock {
  release(): void;
}

/** Takes the lock file for this process, or gives the live process that holds it. A dead holder is replaced. */
export function takeProcessLock(path: string): ProcessLock | { readonly holder: ProcessIdentity } {
  for (let attempt = 1; ; attempt++) {
    if (createExclusively(path, JSON.stringify(identifyProcess(process.pid)))) {
      const release = (): void => {
        // Once: by a second time the file may be another process's.
        if (!process.listeners('exit').includes(release)) return;
        process.off('exit', release);
        rmSync(path, { force: true });
      };
      process.on('exit', release);
      return { release };
    }
    const holder = readHolder(path);
    if ((holder && isRunning(holder)) || attempt === ATTEMPTS) return { holder: holder ?? { pid: 0 } };
    removeDead(path);
  }
}

/** Two processes that find the same dead holder must not both remove it: the second would remove the first one's new lock. */
function removeDead(path: string): void {
  const marker = `${path}.replacing`;
  if (!createExclusively(marker, '')) {
    const age = ageOf(marker);
    if (age !== undefined && age > REPLACEMENT_MS) rmSync(marker, { force: true });
    return;
  }
  try {
    const holder = readHolder(path);
    if (!holder || !isRunning(holder)) rmSync(path, { force: true });
  } finally {
    rmSync(marker, { force: true });
  }
}

function createExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A file that does not parse was left by a crash in the middle of writing it: nobody holds it. */
function readHolder(path: string): ProcessIdentity | undefined {
  try {
    const { pid, startTime } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessIdentity>;
    if (typeof pid !== 'number') return undefined;
    return startTime === undefined ? { pid } : { pid, startTime };
  } catch {
    return undefined;
  }
}

function ageOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? Date.now() - stat.mtimeMs : undefined;
}
