import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCordonError } from '../../kernel/index.js';
import { explainWriteError, type DataDirectory } from '../data-directory/index.js';
import type { LogWriter, Telemetry } from '../telemetry/index.js';
import { APP_ROLE, createDatabase, createRoles, DATABASE, OWNER_ROLE, withClient } from './bootstrap.js';
import { checkClusterVersion, createCluster, SUPERUSER } from './cluster.js';
import { connectionUrl, type Address } from './connection-url.js';
import { createCredentials, readCredentials, type Credentials } from './credentials.js';
import { choosePlace, findCluster, rememberPlace, type Place } from './place.js';
import { readPostmasterFile } from './postmaster-file.js';
import { isPostmasterOf } from './postmaster-process.js';
import { PostgresServer } from './postgres-server.js';
import { postgresErrors } from './postgres.errors.js';
import { postgresLogEvents } from './postgres.log-events.js';
import { addressOf } from './socket-directory.js';
import { findPostgresPackage, removeOldRuntimes, type PostgresPackage } from './runtime.js';

export interface EmbeddedPostgresOptions {
  /** Opened, so that no other process works on the same cluster. */
  readonly data: DataDirectory;
  readonly telemetry: Telemetry;
  /** Ends a start that is under way; the server is stopped again. */
  readonly signal?: AbortSignal;
  /** False turns fsync off: for throw-away clusters of tests alone. */
  readonly durable?: boolean;
  /** Default: the package of this platform. */
  readonly source?: PostgresPackage;
}

/** Connection strings of a running embedded database, one a role. They hold passwords. */
export interface EmbeddedConnections {
  /** For making roles and databases alone. */
  readonly superuserUrl: string;
  /** Migrates and restores. */
  readonly ownerUrl: string;
  /** Runs the product. */
  readonly appUrl: string;
}

const WATCH_MS = 1_000;
const LONGEST_BACKOFF_MS = 30_000;

/**
 * Brings the embedded database of a data directory up, makes it on the first start, and keeps it up until `stop`.
 *
 * @throws CordonError `platform.postgres_*`, `platform.disk_full`, `platform.data_directory_not_writable`
 */
export async function startEmbeddedPostgres({ data, telemetry, signal, durable = true, source = findPostgresPackage() }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = telemetry.log(postgresLogEvents);
  try {
    const { place, credentials } = await prepareCluster(data.path, { source, log, durable, signal });
    const server = new PostgresServer({ place, password: credentials.superuser, durable, log });
    const { address, adopted } = await server.start(signal);
    const embedded = new EmbeddedPostgres({ place, server, credentials, address, log });
    try {
      if (!adopted) await removeOldRuntimes(source, place.directory);
      await withClient(embedded.connections.superuserUrl, async (client) => {
        await createRoles(client, credentials);
        await createDatabase(client, DATABASE);
      });
      signal?.throwIfAborted();
    } catch (error) {
      await embedded.stop();
      throw error;
    }
    return embedded;
  } catch (error) {
    throw isCordonError(error) ? error : explainWriteError(error, data.path);
  }
}

/** Connections to the embedded database that a server process runs on this data directory; undefined when none does. */
export function findEmbeddedPostgres(dataDirectory: string): EmbeddedConnections | undefined {
  const cluster = findCluster(dataDirectory);
  const credentials = readCredentials(dataDirectory);
  const running = cluster === undefined ? undefined : readPostmasterFile(cluster);
  if (!cluster || !credentials || running?.status !== 'ready' || !isPostmasterOf(running.pid, cluster)) return undefined;
  return connectionsOf(addressOf(running), credentials);
}

interface PrepareOptions {
  readonly source: PostgresPackage;
  readonly log: LogWriter<typeof postgresLogEvents>;
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

async function prepareCluster(dataDirectory: string, { source, log, durable, signal }: PrepareOptions): Promise<{ place: Place; credentials: Credentials }> {
  const stored = readCredentials(dataDirectory);
  const place = await choosePlace({ dataDirectory, source, log, known: stored !== undefined });
  await checkClusterVersion(place.cluster, source.major);
  if (existsSync(place.cluster)) {
    if (!stored) throw postgresErrors.create('platform.postgres_credentials_missing', { detail: `${place.cluster} exists, database.json does not` });
    await rememberPlace(dataDirectory, place);
    return { place, credentials: stored };
  }
  log('platform.postgres_creating', { directory: place.directory });
  const credentials = stored ?? (await createCredentials(dataDirectory));
  await createCluster(place, { password: credentials.superuser, durable, signal });
  await rememberPlace(dataDirectory, place);
  return { place, credentials };
}

interface EmbeddedPostgresParts {
  readonly place: Place;
  readonly server: PostgresServer;
  readonly credentials: Credentials;
  readonly address: Address;
  readonly log: LogWriter<typeof postgresLogEvents>;
}

/** A running embedded database under supervision: when it dies, it is started again at the same address. */
export class EmbeddedPostgres {
  readonly connections: EmbeddedConnections;
  /** Folder with cluster, binaries and logs. */
  readonly directory: string;
  private readonly ending = new AbortController();
  private readonly watching: Promise<void>;
  private stopped: Promise<void> | undefined;

  constructor(private readonly parts: EmbeddedPostgresParts) {
    this.directory = parts.place.directory;
    this.connections = connectionsOf(parts.address, parts.credentials);
    this.watching = this.watch();
    parts.log('platform.postgres_started', { directory: this.directory, host: parts.address.host, user: parts.place.runAs?.name });
  }

  /** Stops the database. Call after everything that uses connections has ended; repeating it is harmless. */
  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    this.ending.abort();
    await this.watching;
    await this.parts.server.stop();
    this.parts.log('platform.postgres_stopped');
  }

  private async watch(): Promise<void> {
    const { server, log } = this.parts;
    for (let backoff = WATCH_MS; await this.pause(backoff); ) {
      if (server.isRunning()) {
        backoff = WATCH_MS;
        continue;
      }
      log('platform.postgres_died');
      try {
        await server.start(this.ending.signal);
        backoff = WATCH_MS;
        log('platform.postgres_restarted');
      } catch (error) {
        if (this.ending.signal.aborted) return;
        log('platform.postgres_restart_failed', { error });
        backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      }
    }
  }

  /** False when stopping cut the pause short. */
  private async pause(milliseconds: number): Promise<boolean> {
    try {
      await sleep(milliseconds, undefined, { signal: this.ending.signal, ref: false });
      return true;
    } catch {
      return false;
    }
  }
}

function connectionsOf(address: Address, credentials: Credentials): EmbeddedConnections {
  return {
    superuserUrl: connectionUrl({ ...address, user: SUPERUSER, password: credentials.superuser, database: SUPERUSER }),
    ownerUrl: connectionUrl({ ...address, user: OWNER_ROLE, password: credentials.owner, database: DATABASE }),
    appUrl: connectionUrl({ ...address, user: APP_ROLE, password: credentials.app, database: DATABASE }),
  };
}
