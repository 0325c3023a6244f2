import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on the Ctrl-C that the terminal has already sent to every process; that echo is no second wish. */
const ECHO_MS = 1_000;

/**
 * A signal that is aborted when the process is asked to stop. The first request drains; a later one, for somebody who
 * does not want to wait, ends the process at once (the embedded database stays and is taken over by the next start).
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let echoes = true;
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        // The immediate comes after signals that arrived while the loop was busy: what counts is when they came.
        setTimeout(() => setImmediate(() => void (echoes = false)), ECHO_MS).unref();
        controller.abort(new StopRequested(name));
      } else if (!echoes) {
        process.exit(128 + constants.signals[name]);
      }
    });
  }
  return controller.signal;
}

/** Why a start was given up: somebody asked the process to stop. Not an error to report. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';

  constructor(readonly by: (typeof SIGNALS)[number]) {
    super(`stopped by ${by}`);
  }
}

/** Exit code by the shells' convention when the signal was aborted, undefined when it was not. */
export function endedBy(signal: AbortSignal): number | undefined {
  const reason: unknown = signal.reason;
  return reason instanceof StopRequested ? 128 + constants.signals[reason.by] : undefined;
}
