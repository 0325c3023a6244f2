import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';

const POLL_MS = 200;
/** A thief works for microseconds; its marker older than this was left by one that was killed. */
const THEFT_MS = 5_000;

/**
 * Runs `work` while this process holds the lock file, waiting for another live holder. The file names the holder by
 * pid and, where the system tells it, start time, so that a reused pid (containers start with the same ones) is no holder.
 */
export async function withLock(path, work, { onWait = () => undefined } = {}) {
  await acquire(path, onWait);
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function acquire(path, onWait) {
  let told = false;
  while (!create(path, JSON.stringify(self()))) {
    const holder = readHolder(path);
    if (holder && !isAlive(holder)) {
      steal(path);
      continue;
    }
    if (!told && holder) onWait(holder.pid);
    told ||= holder !== undefined;
    await sleep(POLL_MS);
  }
}

/** Two starts that find the same dead holder must not both remove it: the second would remove the first one's new lock. */
function steal(path) {
  const marker = `${path}.steal`;
  if (!create(marker, String(process.pid))) {
    const age = ageOf(marker);
    if (age !== undefined && age > THEFT_MS) rmSync(marker, { force: true });
    return;
  }
  try {
    const holder = readHolder(path);
    if (holder && !isAlive(holder)) rmSync(path, { force: true });
  } finally {
    rmSync(marker, { force: true });
  }
}

function create(path, content) {
  let file;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new Failure(`cannot write ${path} (${error.code})`, {
      remedy: 'run this as the user who owns the directory, or copy the project to a place you may write to',
      cause: error,
    });
  }
  writeSync(file, content);
  closeSync(file);
  return true;
}

/** The holder, or nothing while its writer is between creating and filling the file; one left empty by a crash is dead. */
function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    const age = ageOf(path);
    return age !== undefined && age > THEFT_MS ? { pid: 0 } : undefined;
  }
}

function ageOf(path) {
  return statSync(path, { throwIfNoEntry: false }) ? Date.now() - statSync(path).mtimeMs : undefined;
}

function self() {
  return { pid: process.pid, startTime: startTimeOf(process.pid) };
}

function isAlive({ pid, startTime }) {
  if (pid === 0) return false;
  if (startTime !== undefined) return startTime === startTimeOf(pid);
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Boot id and clock ticks since boot at which the process began; undefined where there is no /proc. */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie is dead, whether or not its parent has collected it.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}
