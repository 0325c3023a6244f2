import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

const KEPT_OUTPUT = 4 * 1024 * 1024;
const GRACE_MS = 10_000;

/**
 * Runs a command in a process group of its own, copies what it prints to a log, and ends the whole group when the time
 * is over. Gives the exit code (null when it was killed) and the end of the output.
 */
export function runStep([file, ...args], { cwd, log, timeout, env = process.env }) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const sink = createWriteStream(log);
    let output = '';
    let timedOut = false;
    const keep = (chunk) => {
      sink.write(chunk);
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid, 'SIGTERM');
      setTimeout(() => endGroup(child.pid, 'SIGKILL'), GRACE_MS).unref();
    }, timeout);
    child.on('error', (error) => keep(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => {
      clearTimeout(timer);
      endGroup(child.pid, 'SIGKILL');
      sink.end(() => resolve({ code, output, timedOut }));
    });
  });
}

/** Ends what is left of a process group; one that is gone already is no error. */
function endGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
