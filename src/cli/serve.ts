import path from 'node:path';
import { once } from 'node:events';
import { ADMIN_KEY_FILE } from '../access/index.js';
import type { ResolvedConfig } from '../config/index.js';
import { connectors } from '../connectors.js';
import { CordonApp } from '../create-app.js';
import { Telemetry } from '../platform/index.js';
import { cliLogEvents } from './cli.log-events.js';
import { ExitCode } from './exit-codes.js';
import { explainListenError, requireFreeAddress, type ListenAddress } from './listening.js';
import { openDatabase, type OpenDatabase } from './open-database.js';
import { readServeConfig } from './serve-config.js';
import type { ServeOptions } from './serve.command.js';
import { endedBy, stopSignal } from './stop-signals.js';

/** PostgreSQL gets this long after the drain; then the process ends and leaves it to the next start. */
const STOP_DATABASE_MS = 90_000;

/**
 * Runs the server until a signal asks it to stop, then drains. Gives the exit code: 0 after a drain, 128 + n where the
 * signal came before the server was up.
 *
 * @throws CordonError for everything that a person can mend
 */
export async function serve(options: ServeOptions): Promise<number> {
  ignoreClosedOutput();
  const stop = stopSignal();
  const { config, file } = readServeConfig(options);
  const telemetry = new Telemetry({ level: config.logging.level, processMetrics: true });
  try {
    const database = await openDatabase(config, { telemetry, signal: stop, beforeStart: () => requireFreeAddress(config.server) });
    try {
      const app = await CordonApp.create({ config, telemetry, database: database.urls, connectors });
      try {
        stop.throwIfAborted();
        const address = await listen(app, config.server);
        announce({ address, config, file, database });
        if (!stop.aborted) await once(stop, 'abort');
      } finally {
        await drain(app, config, telemetry);
      }
    } finally {
      await database.close();
    }
    return ExitCode.ok;
  } catch (error) {
    const code = endedBy(stop);
    if (code !== undefined && isAbort(error)) return code;
    throw error;
  }
}

async function listen(app: CordonApp, { host, port }: ListenAddress): Promise<ListenAddress> {
  try {
    return await app.listen(host, port);
  } catch (error) {
    throw explainListenError(error, { host, port }) ?? error;
  }
}

/** Closes the product. A part that hangs must not keep the database from being stopped in order. */
async function drain(app: CordonApp, { server: { drainTimeout } }: ResolvedConfig, telemetry: Telemetry): Promise<void> {
  const log = telemetry.log(cliLogEvents);
  log('cli.draining');
  setTimeout(() => {
    log('cli.stop_timeout');
    process.exit(ExitCode.findings);
  }, drainTimeout + STOP_DATABASE_MS).unref();
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, drainTimeout, 'late');
  });
  try {
    if ((await Promise.race([app.close(), limit])) === 'late') log('cli.drain_timeout', { seconds: drainTimeout / 1000 });
  } finally {
    clearTimeout(timer);
  }
}

interface Announcement {
  readonly address: ListenAddress;
  readonly config: ResolvedConfig;
  readonly file: string;
  readonly database: OpenDatabase;
}

function announce({ address: { host, port }, config, file, database }: Announcement): void {
  const name = host.includes(':') ? `[${host}]` : host;
  const lines = [
    ['address', `http://${name}:${port}`],
    ['configuration', file],
    ['data directory', config.dataDirectory],
    ['database', database.description],
    ['admin key', config.keys.admin ? 'as configured in keys.admin' : path.join(config.dataDirectory, ADMIN_KEY_FILE)],
  ] as const;
  process.stdout.write(`cordon is up; Ctrl-C stops it\n${lines.map(([label, value]) => `  ${label.padEnd(14)}  ${value}\n`).join('')}`);
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'StopRequested');
}

/** A terminal or pipe that has gone away is no reason to stop serving. */
function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
