import type { ResolvedConfig } from '../config/index.js';
import type { DatabaseUrls, Telemetry } from '../platform/index.js';
import { openDataDirectory } from '../platform/data-directory/index.js';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../platform/postgres/index.js';

export interface OpenDatabase {
  readonly urls: DatabaseUrls;
  /** For people: which database this is. */
  readonly description: string;
  /** Stops what was started to open it; an external or a shared database goes on. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  readonly telemetry: Telemetry;
  readonly signal?: AbortSignal;
  /** Called when the data directory is ours and before the embedded database starts. */
  readonly beforeStart?: () => Promise<void>;
}

/**
 * The database that the configuration names: an external one, or the embedded one, which is started for us alone.
 * @throws CordonError `platform.data_directory_*`, `platform.postgres_*`
 */
export async function openDatabase(config: ResolvedConfig, { telemetry, signal, beforeStart }: OpenDatabaseOptions): Promise<OpenDatabase> {
  const external = externalDatabase(config);
  if (external) {
    await beforeStart?.();
    return external;
  }
  const data = await openDataDirectory(config.dataDirectory);
  try {
    await beforeStart?.();
    const embedded = await startEmbeddedPostgres({ data, telemetry, ...(signal && { signal }) });
    const close = async (): Promise<void> => {
      try {
        await embedded.stop();
      } finally {
        data.release();
      }
    };
    return { urls: embedded.connections, description: `embedded PostgreSQL in ${embedded.directory}`, close };
  } catch (error) {
    data.release();
    throw error;
  }
}

/** As {@link openDatabase} for commands that work beside a running server: they use its embedded database, or start it themselves. */
export async function joinDatabase(config: ResolvedConfig, options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const running = config.database.url ? undefined : findEmbeddedPostgres(config.dataDirectory);
  if (!running) return openDatabase(config, options);
  return { urls: running, description: `embedded PostgreSQL of ${config.dataDirectory}, running`, close: async () => undefined };
}

function externalDatabase({ database: { url, ownerUrl } }: ResolvedConfig): OpenDatabase | undefined {
  if (!url) return undefined;
  const appUrl = url.reveal();
  const { host, pathname } = new URL(appUrl);
  return { urls: { appUrl, ownerUrl: ownerUrl?.reveal() ?? appUrl }, description: `PostgreSQL at ${host}${pathname}`, close: async () => undefined };
}
