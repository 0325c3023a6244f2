import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { findEmbeddedPostgres } from '../../src/platform/postgres/index.js';
import { findCluster } from '../../src/platform/postgres/place.js';
import { readPostmasterFile } from '../../src/platform/postgres/postmaster-file.js';
import { ServerProcess } from '../harness/server-process.js';
import { Site } from '../harness/site.js';

const LIMIT = 90_000;

let site: Site;
beforeAll(() => {
  site = new Site();
});
afterAll(() => site.remove(), LIMIT);

function postmaster(): number | undefined {
  const cluster = findCluster(site.data);
  return cluster === undefined ? undefined : readPostmasterFile(cluster)?.pid;
}

async function answers(url: string): Promise<void> {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
}

describe('a first start', () => {
  it('that Ctrl-C cuts short leaves nothing that stops the next one', async () => {
    const first = site.serve();
    await first.printed(/postgres_creating/);
    expect(await first.interrupt()).toEqual({ code: 130, signal: null });
    expect(findEmbeddedPostgres(site.data)).toBeUndefined();

    const second = site.serve();
    await answers(await second.up());
    expect(await second.kill('SIGINT')).toEqual({ code: 0, signal: null });
  }, LIMIT);

  it('keeps passwords and keys from other users', () => {
    const secret = ['database.json', 'admin.key'].map((name) => statSync(path.join(site.data, name)).mode & 0o777);
    expect(secret).toEqual([0o600, 0o600]);
  });
});

describe('a running server', () => {
  it('is named to a second one on its data directory and to one on its port', async () => {
    const server = site.serve();
    const url = await server.up();
    const other = new Site();
    try {
      const second = site.serve();
      expect(await second.exited()).toMatchObject({ code: 1 });
      expect(second.output).toContain('platform.data_directory_in_use');
      expect(second.output).toContain(`process ${server.pid}`);

      const third = other.serve('--port', new URL(url).port);
      expect(await third.exited()).toMatchObject({ code: 1 });
      expect(third.output).toContain('cli.port_taken');
      expect(third.output).toContain(`process ${server.pid}`);
      expect(third.output).toContain('--port');
      await answers(url);
    } finally {
      await other.remove();
      await server.kill('SIGTERM');
    }
  }, LIMIT);

  it('drains once when the terminal and npm both pass on a Ctrl-C, and takes its database down', async () => {
    const server = site.serve();
    await server.up();
    expect(findEmbeddedPostgres(site.data)).toBeDefined();
    server.process.kill('SIGINT');
    expect(await server.kill('SIGINT')).toEqual({ code: 0, signal: null });
    expect(findEmbeddedPostgres(site.data)).toBeUndefined();
    expect(server.output.match(/"event":"cli.draining"/g)).toHaveLength(1);
  }, LIMIT);
});

describe('after kill -9', () => {
  it('of the server, the next one takes its database over', async () => {
    const killed = site.serve();
    await killed.up();
    const pid = postmaster();
    await killed.kill('SIGKILL');
    expect(findEmbeddedPostgres(site.data)).toBeDefined();

    const next = site.serve();
    await answers(await next.up());
    expect(postmaster()).toBe(pid);
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);

  it('of the server and its database, the next one recovers', async () => {
    const killed = site.serve();
    await killed.up();
    const pid = postmaster()!;
    await killed.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');

    const next = site.serve();
    await answers(await next.up());
    expect(postmaster()).not.toBe(pid);
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);

  it('of the database alone, the server starts it again', async () => {
    const server = site.serve();
    const url = await server.up();
    process.kill(postmaster()!, 'SIGKILL');
    await server.printed(/postgres_died[^]*postgres_restarted/);
    await answers(url);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);
});

describe('a start that cannot work', () => {
  async function refused(...args: readonly string[]): Promise<string> {
    const product = ServerProcess.run(['serve', '--config', path.join(site.directory, 'cordon.yaml'), ...args]);
    expect(await product.exited()).toMatchObject({ code: 1 });
    expect(product.output).toMatch(/remedy:/);
    expect(product.output).not.toMatch(/\n {4}at /);
    return product.output;
  }

  it('names a data directory that cannot be written', async () => {
    const file = path.join(site.directory, 'file');
    writeFileSync(file, '');
    expect(await refused('--data', path.join(file, 'data'))).toMatch(/platform\.data_directory_not_writable/);
  }, LIMIT);

  it('names the program that has its port, whatever it is', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      expect(await refused('--data', site.data, '--port', String(port))).toContain(`127.0.0.1:${port} is used by process ${process.pid}`);
    } finally {
      holder.close();
    }
  }, LIMIT);

  it('tells database files of another major version before touching them', async () => {
    const version = path.join(findCluster(site.data)!, 'PG_VERSION');
    const original = readFileSync(version, 'utf8');
    writeFileSync(version, '9\n');
    try {
      expect(await refused('--data', site.data, '--port', '0')).toMatch(/has version 9,[^]*platform\.postgres_version_mismatch/);
      expect(postmaster()).toBeUndefined();
    } finally {
      writeFileSync(version, original);
    }
  }, LIMIT);
});
