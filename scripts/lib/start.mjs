import { pathToFileURL } from 'node:url';
import { cli } from './paths.mjs';
import { prepare, reportFailure } from './prepare.mjs';

/**
 * Prepares the clone and becomes the server: the command line is loaded into this process instead of a child, so that
 * signals, exit code and memory are those of one process.
 */
export async function start(args) {
  try {
    await prepare();
  } catch (error) {
    reportFailure(error);
    return;
  }
  process.argv = [process.execPath, cli, 'serve', ...args];
  if (process.env.npm_lifecycle_event === 'start') stopWithParent();
  await import(pathToFileURL(cli).href);
}

const WATCH_MS = 500;

/**
 * npm starts us through a shell. A SIGTERM to npm (docker stop, systemd) ends that shell, which does not pass it on:
 * without this the server would run on with nobody left to stop it.
 */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, WATCH_MS);
  timer.unref();
}
