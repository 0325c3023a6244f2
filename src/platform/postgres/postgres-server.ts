import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCordonError } from '../../kernel/index.js';
import type { LogWriter } from '../telemetry/index.js';
import { withClient } from './bootstrap.js';
import { lastLines, SUPERUSER } from './cluster.js';
import { connectionUrl, type Address } from './connection-url.js';
import type { Place } from './place.js';
import { readPostmasterFile, type PostmasterFile } from './postmaster-file.js';
import { isPostmasterOf, waitUntil } from './postmaster-process.js';
import { postgresErrors } from './postgres.errors.js';
import type { postgresLogEvents } from './postgres.log-events.js';
import { runCommand, spawnOptions } from './run-command.js';
import { serverSettings, type ServerSettings } from './settings.js';
import { sql } from './sql.js';
import { addressOf, chooseEndpoint, endpointOf, removeEndpoint } from './socket-directory.js';

export interface PostgresServerOptions {
  readonly place: Place;
  readonly password: string;
  readonly durable: boolean;
  readonly log: LogWriter<typeof postgresLogEvents>;
}

const POLL_MS = 50;
const SAY_WAITING_MS = 5_000;
/** Sessions of a killed server end by themselves; until they have, a new one refuses to start. */
const RETRY_MS = 30_000;
const BLOCKED = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;
const STOP_SECONDS = 60;

/** One PostgreSQL server on one cluster: starts, finds again and stops it. What matters stands in files, as this process may be killed. */
export class PostgresServer {
  /** Where it listened last: a restart must be found by connections that know the address. */
  private endpoint: ServerSettings['endpoint'] | undefined;

  constructor(private readonly options: PostgresServerOptions) {}

  /** Gets the server up, taking over one that already runs on this cluster. Gives its address and whether it was taken over. */
  async start(signal?: AbortSignal): Promise<{ address: Address; adopted: boolean }> {
    const running = await this.adopt(signal);
    if (running) {
      this.endpoint = endpointOf(running);
      return { address: addressOf(running), adopted: true };
    }
    for (const giveUp = Date.now() + RETRY_MS; ; ) {
      try {
        return { address: addressOf(await this.launch(signal)), adopted: false };
      } catch (error) {
        if (!isCordonError(error) || !BLOCKED.test(error.message) || Date.now() > giveUp) throw error;
        await sleep(POLL_MS * 10, undefined, { signal });
      }
    }
  }

  isRunning(): boolean {
    return this.livePostmaster() !== undefined;
  }

  /** Ends all sessions, writes a checkpoint and stops. Nothing happens when it is down already. */
  async stop(): Promise<void> {
    const running = this.livePostmaster();
    if (!running) return;
    const { place } = this.options;
    for (const mode of ['fast', 'immediate']) {
      const args = ['stop', '-D', place.cluster, '-m', mode, '-w', '-t', String(STOP_SECONDS), '-s'];
      const { code, output } = await runCommand(place.runtime.pgCtl, args, place.directory, { runAs: place.runAs });
      if (code === 0 || !this.isRunning()) {
        await removeEndpoint(running, place);
        this.endpoint = undefined;
        return;
      }
      if (mode === 'immediate') throw postgresErrors.create('platform.postgres_stop_failed', { detail: `process ${running.pid}: ${lastLines(output)}` });
    }
  }

  private livePostmaster(): PostmasterFile | undefined {
    const { cluster } = this.options.place;
    const file = readPostmasterFile(cluster);
    return file && isPostmasterOf(file.pid, cluster) ? file : undefined;
  }

  /** A server that a killed process left behind, once it answers. One that cannot be reached or runs old binaries is stopped. */
  private async adopt(signal: AbortSignal | undefined): Promise<PostmasterFile | undefined> {
    const { log } = this.options;
    const ready = await this.waitForLeftover(signal);
    if (!ready) return undefined;
    try {
      await this.checkIdentity(ready);
      log('platform.postgres_adopted', { pid: ready.pid });
      return ready;
    } catch (error) {
      log('platform.postgres_adoption_failed', { pid: ready.pid, error });
      await this.stop();
      return undefined;
    }
  }

  /** Given up while that server recovers, it is stopped: whoever ends a start wants nothing to run on. */
  private async waitForLeftover(signal: AbortSignal | undefined): Promise<PostmasterFile | undefined> {
    try {
      return await this.waitForReady(() => this.livePostmaster(), signal);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private async checkIdentity(file: PostmasterFile): Promise<void> {
    const { place, password } = this.options;
    const url = connectionUrl({ ...addressOf(file), user: SUPERUSER, password, database: SUPERUSER });
    const { rows } = await withClient(url, (client) => client.query<{ directory: string; version: string }>(sql.identity));
    const { output } = await runCommand(place.runtime.postgres, ['--version'], place.directory, { runAs: place.runAs });
    const found = rows[0];
    if (found?.directory !== place.cluster || !output.includes(found.version)) throw new Error(`it serves ${found?.directory} with version ${found?.version}`);
  }

  private async launch(signal: AbortSignal | undefined): Promise<PostmasterFile> {
    const { place, durable } = this.options;
    signal?.throwIfAborted();
    await this.clearStale();
    const logDirectory = path.join(place.directory, 'log');
    await mkdir(logDirectory, { recursive: true, mode: 0o700 });
    const startLog = path.join(logDirectory, 'start.log');
    const output = openSync(startLog, 'w', 0o600);
    if (place.runAs) for (const name of [logDirectory, startLog]) chownSync(name, place.runAs.uid, place.runAs.gid);
    this.endpoint ??= await chooseEndpoint(place);
    const settings = serverSettings({ endpoint: this.endpoint, logDirectory, durable });
    const args = ['-D', place.cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const child = spawn(place.runtime.postgres, args, { ...spawnOptions(place.directory, place.runAs), stdio: ['ignore', output, output] });
    child.unref();
    closeSync(output);
    try {
      const ready = await this.waitForReady(() => this.startedBy(child), signal);
      if (ready) return ready;
    } catch (error) {
      await endChild(child);
      throw error;
    }
    throw postgresErrors.create('platform.postgres_start_failed', { detail: `${await newestLog(logDirectory)} (logs: ${logDirectory})` });
  }

  /**
   * Takes the lock files of a dead server away, having seen that it is dead. PostgreSQL would do so itself but for a pid
   * that another process got since, or that nobody has collected: those would lock it out for good. Sessions of the
   * dead server that still run are found by their shared memory, whatever the files say.
   */
  private async clearStale(): Promise<void> {
    const { place } = this.options;
    const stale = readPostmasterFile(place.cluster);
    if (stale && isPostmasterOf(stale.pid, place.cluster)) return;
    if (stale && this.endpoint === undefined) await removeEndpoint(stale, place);
    const sockets = (await readdir(place.directory)).filter((name) => name.startsWith('.s.PGSQL.')).map((name) => path.join(place.directory, name));
    for (const file of [...sockets, path.join(place.cluster, 'postmaster.pid')]) await rm(file, { force: true });
  }

  /** What the child has written about itself: nothing yet reads as "starting"; undefined once it is gone. */
  private startedBy(child: ChildProcess): PostmasterFile | undefined {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
    const file = readPostmasterFile(this.options.place.cluster);
    return file?.pid === child.pid ? file : { pid: child.pid, startedAt: new Date(0), port: 0, socketDirectory: '', listenAddress: '', status: 'starting' };
  }

  /** Waits, however long recovery takes, until the server says that it is ready or `look` finds it gone. */
  private async waitForReady(look: () => PostmasterFile | undefined, signal: AbortSignal | undefined): Promise<PostmasterFile | undefined> {
    for (let waited = 0; ; waited += POLL_MS) {
      const file = look();
      if (file === undefined || file.status === 'ready') return file;
      if (waited > 0 && waited % SAY_WAITING_MS === 0) this.options.log('platform.postgres_waiting', { pid: file.pid, status: file.status, seconds: waited / 1000 });
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

/** Ends a server that is given up while it starts. It may not have written a pid file yet, which pg_ctl would need. */
async function endChild(child: ChildProcess): Promise<void> {
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  if (child.pid === undefined || gone()) return;
  // A fast shutdown, as pg_ctl asks for one; then an immediate one.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    child.kill(signal);
    if (await waitUntil(gone, STOP_SECONDS * 1000)) return;
  }
}

async function newestLog(directory: string): Promise<string> {
  const names = (await readdir(directory)).map((name) => path.join(directory, name));
  const times = await Promise.all(names.map(async (name) => ({ name, time: (await stat(name)).mtimeMs })));
  const texts = times.sort((a, b) => a.time - b.time).map(({ name }) => readFileSync(name, 'utf8'));
  return lastLines(texts.join('\n')) || 'it said nothing';
}
