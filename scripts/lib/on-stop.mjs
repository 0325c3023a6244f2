import { constants } from 'node:os';

/**
 * Runs `cleanUp` when a signal asks this process to end, then ends it with 128 + n. For scripts whose children are in
 * groups of their own: such a child does not get the signal and would stay behind. Gives a function that lets go again.
 */
export function onStop(cleanUp) {
  let stopping = false;
  const stop = async (name) => {
    if (stopping) return;
    stopping = true;
    try {
      await cleanUp();
    } catch (error) {
      console.error(error);
    }
    process.exit(128 + constants.signals[name]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of signals) process.on(name, stop);
  return () => {
    for (const name of signals) process.off(name, stop);
  };
}
