import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakePostgres } from '../../../test/harness/fake-postgres.js';
import { silentTelemetry } from '../telemetry/index.js';
import { PostgresServer } from './postgres-server.js';
import { postgresLogEvents } from './postgres.log-events.js';
import { isPostmasterOf, waitUntil } from './postmaster-process.js';
import { installRuntime } from './runtime.js';

const LIMIT_MS = 30_000;

let directory: string;
let cluster: string;
let postmaster: ChildProcess | undefined;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'cordon-server-')));
  cluster = path.join(directory, 'cluster');
  mkdirSync(cluster);
});
afterEach(async () => {
  if (postmaster?.exitCode === null && postmaster.signalCode === null) {
    const gone = once(postmaster, 'exit');
    postmaster.kill('SIGKILL');
    await gone;
  }
  postmaster = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function serverWith(programs: Parameters<typeof fakePostgres>[1]): Promise<PostgresServer> {
  const runtime = await installRuntime(fakePostgres(path.join(directory, 'package'), programs), directory);
  return new PostgresServer({ place: { directory, cluster, runtime }, password: 'x', durable: false, log: silentTelemetry().log(postgresLogEvents) });
}

/** A process that looks like a server on the cluster, with the status that it would write about itself. */
async function postmasterWith(status: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { argv0: 'postgres', cwd: cluster, stdio: 'ignore' });
  postmaster = child;
  await once(child, 'spawn');
  const pid = child.pid!;
  writeFileSync(path.join(cluster, 'postmaster.pid'), `${pid}\n${cluster}\n1770000000\n5432\n${directory}\n\n  1 1\n${status}\n`);
  expect(await waitUntil(() => isPostmasterOf(pid, cluster), LIMIT_MS)).toBe(true);
  return pid;
}

describe('PostgresServer', () => {
  it('quotes the last words of a server that ends while it starts, and names its logs', async () => {
    const server = await serverWith({ postgres: 'echo "FATAL:  could not map anonymous shared memory" >&2; exit 1' });
    await expect(server.start()).rejects.toMatchObject({
      code: 'platform.postgres_start_failed',
      message: expect.stringMatching(/could not map anonymous shared memory.*\(logs: .*\/log\)$/),
      definition: { remedy: expect.stringContaining('log folder') },
    });
    expect(server.isRunning()).toBe(false);
  });

  it('names the process that does not stop, having asked twice', async () => {
    const calls = path.join(directory, 'calls');
    const server = await serverWith({ pg_ctl: `echo "$*" >> ${calls}; echo "pg_ctl: server does not shut down"; exit 1` });
    const pid = await postmasterWith('ready');
    await expect(server.stop()).rejects.toMatchObject({
      code: 'platform.postgres_stop_failed',
      message: expect.stringContaining(`process ${pid}: pg_ctl: server does not shut down`),
      definition: { remedy: expect.stringContaining('by hand') },
    });
    expect(readFileSync(calls, 'utf8')).toMatch(/-m fast [^]*-m immediate /);
  });

  it('takes a server down that it found recovering, when the start is given up', async () => {
    const server = await serverWith({ pg_ctl: `kill -KILL "$(head -n 1 ${cluster}/postmaster.pid)"` });
    await postmasterWith('starting');
    const stop = new AbortController();
    const starting = server.start(stop.signal);
    stop.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await waitUntil(() => !server.isRunning(), LIMIT_MS)).toBe(true);
  });
});
