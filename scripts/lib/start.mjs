import { pathToFileURL } from 'node:url';
import { cli } from './paths.mjs';
import { prepare, reportFailure } from './prepare.mjs';
import { stopWithParent } from './stop-with-parent.mjs';

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
