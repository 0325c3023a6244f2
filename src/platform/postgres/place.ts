import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { LogWriter } from '../telemetry/index.js';
import { isPostmasterOf, waitUntil } from './postmaster-process.js';
import { readPostmasterFile } from './postmaster-file.js';
import { postgresErrors } from './postgres.errors.js';
import type { postgresLogEvents } from './postgres.log-events.js';
import { runCommand, type RunAs } from './run-command.js';
import { installRuntime, type PostgresPackage, type PostgresRuntime } from './runtime.js';
import { serviceUsers } from './service-users.js';

/** Where the files of an embedded database live and as whom its processes run. */
export interface Place {
  readonly directory: string;
  readonly cluster: string;
  readonly runtime: PostgresRuntime;
  /** Absent: as ourselves. */
  readonly runAs?: RunAs;
}

export interface PlaceOptions {
  /** Real path of the data directory. */
  readonly dataDirectory: string;
  readonly source: PostgresPackage;
  readonly log: LogWriter<typeof postgresLogEvents>;
  /** Whether the data directory holds the passwords of a cluster made before. */
  readonly known: boolean;
}

/** What the choice depends on beside the data directory. */
export interface Host {
  /** Whether this process is root, as whom PostgreSQL refuses to run. */
  readonly root: boolean;
  /** Where clusters go whose data directory the service user cannot enter. */
  readonly elsewhere: string;
  /** Users that root may run PostgreSQL as, best first. */
  users(): Promise<readonly RunAs[]>;
}

const thisHost = (): Host => ({ root: process.getuid?.() === 0, elsewhere: '/var/lib/cordon', users: serviceUsers });

/** In the data directory: names the folder elsewhere, and whether a cluster was ever made there. */
const LOCATION = 'postgres.location.json';
/** In the folder elsewhere: names the data directory. */
const MARKER = 'data-directory';
const STOP_MS = 60_000;

const locationSchema = z.strictObject({ directory: z.string(), created: z.boolean() });

/**
 * Finds the place of a data directory's cluster. What exists is never passed over for a fresh one: a cluster that is
 * there but cannot be used is an error, not a reason to begin anew somewhere else.
 *
 * @throws CordonError `platform.postgres_*`
 */
export async function choosePlace(options: PlaceOptions, host: Host = thisHost()): Promise<Place> {
  return host.root ? placeForRoot(options, host) : placeForUser(options);
}

/** Notes that the cluster of this data directory exists, so that a lost one is missed and not silently made again. */
export async function rememberPlace(dataDirectory: string, place: Place): Promise<void> {
  const location = await readLocation(dataDirectory);
  if (location?.created === false) await writeLocation(dataDirectory, { directory: place.directory, created: true });
}

/** The cluster of a data directory as far as it can be told without trying anything; undefined before the first start. */
export function findCluster(dataDirectory: string): string | undefined {
  const file = path.join(dataDirectory, LOCATION);
  const directories = [path.join(dataDirectory, 'postgres')];
  if (existsSync(file)) directories.push(locationSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).directory);
  return directories.map(clusterOf).find((cluster) => existsSync(cluster));
}

async function placeForUser({ dataDirectory, source }: PlaceOptions): Promise<Place> {
  const location = await readLocation(dataDirectory);
  if (location) throw postgresErrors.create('platform.postgres_wrong_owner', { detail: `root started here first, the files are in ${location.directory}` });
  const directory = path.join(dataDirectory, 'postgres');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const owner = (await stat(directory)).uid;
  const self = process.getuid?.() ?? owner;
  if (owner !== self) throw postgresErrors.create('platform.postgres_wrong_owner', { detail: `${directory} belongs to user ${owner}, this process is user ${self}` });
  const attempt = await tryToRun(directory, source);
  if (typeof attempt === 'string') throw postgresErrors.create('platform.postgres_cannot_run', { detail: attempt });
  return { directory, cluster: clusterOf(directory), runtime: attempt };
}

async function placeForRoot(options: PlaceOptions, host: Host): Promise<Place> {
  const { dataDirectory, source, log } = options;
  const here = path.join(dataDirectory, 'postgres');
  if (existsSync(clusterOf(here))) return existingPlace(here, source);

  const elsewhere = path.join(host.elsewhere, createHash('sha256').update(dataDirectory).digest('hex').slice(0, 12));
  const location = await readLocation(dataDirectory);
  if (location) await checkLocation(location, elsewhere, dataDirectory);
  if (existsSync(clusterOf(elsewhere))) {
    if (options.known) {
      await writeLocation(dataDirectory, { directory: elsewhere, created: true });
      return existingPlace(elsewhere, source);
    }
    await setAside(elsewhere, log);
  }

  const users = await host.users();
  const refusals: string[] = [];
  for (const directory of [here, elsewhere]) {
    for (const user of users) {
      const attempt = await tryToMove(directory, source, user);
      if (typeof attempt === 'string') {
        refusals.push(`${user.name} in ${directory}: ${attempt}`);
        continue;
      }
      if (directory === elsewhere) {
        await writeFile(path.join(elsewhere, MARKER), `${dataDirectory}\n`);
        await writeLocation(dataDirectory, { directory, created: false });
        log('platform.postgres_relocated', { dataDirectory, directory, user: user.name });
      }
      return { directory, cluster: clusterOf(directory), runtime: attempt, runAs: user };
    }
  }
  throw postgresErrors.create('platform.postgres_no_service_user', { detail: refusals.join('; ') || 'none of cordon, postgres, nobody exists' });
}

/** A cluster that is there runs as the user who owns it, also when a better candidate has come up since. */
async function existingPlace(directory: string, source: PostgresPackage): Promise<Place> {
  const { uid, gid } = await stat(clusterOf(directory));
  if (uid === 0) throw postgresErrors.create('platform.postgres_wrong_owner', { detail: `${clusterOf(directory)} belongs to root; give it to the service user again (chown -R)` });
  const runAs = { name: `user ${uid}`, uid, gid };
  const attempt = await tryToRun(directory, source, runAs);
  if (typeof attempt === 'string') throw postgresErrors.create('platform.postgres_cannot_run', { detail: `${runAs.name} in ${directory}: ${attempt}` });
  return { directory, cluster: clusterOf(directory), runtime: attempt, runAs };
}

/** As {@link tryToRun} in a folder that is made for the user; one that turns out useless is taken away again. */
async function tryToMove(directory: string, source: PostgresPackage, runAs: RunAs): Promise<PostgresRuntime | string> {
  const existed = existsSync(directory);
  await mkdir(path.dirname(directory), { recursive: true, mode: 0o755 });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chown(directory, runAs.uid, runAs.gid);
  await chmod(directory, 0o700);
  const attempt = await tryToRun(directory, source, runAs);
  if (typeof attempt === 'string' && !existed) await rm(directory, { recursive: true, force: true });
  return attempt;
}

/** Whether the user can write there and run the binaries from there is tried: modes, mounts and policies all have a say. */
async function tryToRun(directory: string, source: PostgresPackage, runAs?: RunAs): Promise<PostgresRuntime | string> {
  if (runAs) {
    const entered = await runCommand('/bin/sh', ['-c', 'cd "$0" && : > .try && rm .try', directory], '/', { runAs });
    if (entered.code !== 0) return entered.output || 'cannot write there';
  }
  const runtime = await installRuntime(source, directory);
  const { code, output } = await runCommand(runtime.postgres, ['--version'], directory, { runAs });
  return code === 0 ? runtime : output || `exit code ${code}`;
}

async function checkLocation({ directory, created }: z.output<typeof locationSchema>, elsewhere: string, dataDirectory: string): Promise<void> {
  if (directory !== elsewhere) {
    const owner = await readFile(path.join(directory, MARKER), 'utf8').catch(() => 'nothing');
    throw postgresErrors.create('platform.postgres_moved', { detail: `${dataDirectory} names ${directory}, which belongs to ${owner.trim()}` });
  }
  if (created && !existsSync(clusterOf(directory))) {
    throw postgresErrors.create('platform.postgres_moved', { detail: `the database files of ${dataDirectory} were in ${directory} and are gone` });
  }
}

/** The data directory is new while files of a former one of the same path are still there: kept, out of the way. */
async function setAside(directory: string, log: PlaceOptions['log']): Promise<void> {
  const cluster = clusterOf(directory);
  const running = readPostmasterFile(cluster);
  if (running && isPostmasterOf(running.pid, cluster)) {
    process.kill(running.pid, 'SIGINT');
    await waitUntil(() => !isPostmasterOf(running.pid, cluster), STOP_MS);
  }
  const target = `${directory}.${new Date().toISOString().replaceAll(/[:.]/g, '')}`;
  await rename(directory, target);
  log('platform.postgres_set_aside', { directory: target });
}

function clusterOf(directory: string): string {
  return path.join(directory, 'cluster');
}

async function readLocation(dataDirectory: string): Promise<z.output<typeof locationSchema> | undefined> {
  const file = path.join(dataDirectory, LOCATION);
  return existsSync(file) ? locationSchema.parse(JSON.parse(await readFile(file, 'utf8'))) : undefined;
}

async function writeLocation(dataDirectory: string, location: z.output<typeof locationSchema>): Promise<void> {
  const file = path.join(dataDirectory, LOCATION);
  await writeFile(`${file}.tmp`, `${JSON.stringify(location)}\n`);
  await rename(`${file}.tmp`, file);
}
