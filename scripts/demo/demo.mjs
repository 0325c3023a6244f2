import { Failure, reportFailure } from '../lib/failure.mjs';
import { onStop } from '../lib/on-stop.mjs';
import { prepare } from '../lib/prepare.mjs';
import { stopWithParent } from '../lib/stop-with-parent.mjs';
import { readOptions, USAGE } from './options.mjs';

/** Installs and builds what is missing, then tells the story. The exit code is 0 when all of it came true. */
export async function demo(args) {
  try {
    const options = readOptions(args);
    if (options.help) return void process.stdout.write(USAGE);
    await prepare();
    if (process.env.npm_lifecycle_event === 'demo') stopWithParent();
    await tell(options);
  } catch (error) {
    reportFailure(error);
  }
}

async function tell(options) {
  // What these import is only there once everything is installed.
  const { Stage } = await import('./stage.mjs');
  const { Teller } = await import('./teller.mjs');
  const { play } = await import('./play.mjs');
  const { explore } = await import('./explore.mjs');
  const stage = new Stage();
  const release = onStop(() => stage.stop());
  try {
    await play(stage, new Teller(options));
    if (options.keep) await explore(stage);
  } catch (error) {
    // A part that broke because everything was taken down is no news; the signal that asked for it ends the process.
    if (stage.stopped) return await new Promise(() => undefined);
    throw error instanceof Failure ? error : new Failure(`${error.stack ?? error}`, { remedy: stage.product === undefined ? undefined : `the last words of Cordon:\n${stage.product.lastWords()}` });
  } finally {
    if (!stage.stopped) await stage.stop();
    release();
  }
}
