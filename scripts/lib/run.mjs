import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from './failure.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const GRACE_MS = 10_000;

/**
 * Runs a command to its end and gives its exit code. Signals that reach this process are passed on and waited out, so
 * that locks are released and the child never outlives us; a child that ignores them is killed after ten seconds.
 *
 * @throws {Failure} with exit code 128 + n when a signal asked us to stop.
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  let stoppedBy;
  let killTimer;
  const forward = (signal) => {
    stoppedBy ??= signal;
    child.kill(signal);
    killTimer ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    const { code, signal } = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }));
    });
    const endedBy = stoppedBy ?? (FORWARDED.includes(signal) ? signal : undefined);
    if (endedBy) throw new Failure(`stopped by ${endedBy}`, { exitCode: 128 + constants.signals[endedBy] });
    return code ?? 128 + constants.signals[signal];
  } finally {
    clearTimeout(killTimer);
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
