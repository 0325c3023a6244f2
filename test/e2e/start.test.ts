import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import pg from 'pg';
import { findEmbeddedPostgres } from '../../src/platform/postgres/index.js';
import { findCluster } from '../../src/platform/postgres/place.js';
import { readPostmasterFile } from '../../src/platform/postgres/postmaster-file.js';
import { eventually } from '../harness/eventually.js';
import { ServerProcess } from '../harness/server-process.js';
import { Site } from '../harness/site.js';

const LIMIT = 90_000;
/** A worker that was killed holds its lease until this instance takes it over. */
const SIGNAL_MS = 30_000;
const SECRET = 'start-gateway-secret-of-enough-length';
const RULE = `
title: Any request
id: 5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0003
level: low
logsource: { product: cordon, service: cordon.gateway }
detection: { selection: { cordon.gateway.route: /customers }, condition: selection }
`;

let site: Site;
beforeAll(() => {
  site = new Site('sources: { gateway: { stream: cordon.gateway, auth: { type: hmac, keys: [{ secret: "file:gateway.key" }] } } }\n');
  const rules = path.join(site.directory, 'rules.yml');
  writeFileSync(rules, RULE);
  writeFileSync(path.join(site.directory, 'gateway.key'), SECRET);
  appendFileSync(path.join(site.directory, 'cordon.yaml'), `detect: { rules: [${JSON.stringify(rules)}] }\nintake: { minFreeBytes: 0 }\n`);
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

/** One signed record goes in, and the signal that cites it comes out: every stage of the line runs. */
async function detects(url: string): Promise<void> {
  const body = JSON.stringify({ time: new Date().toISOString(), route: '/customers', user: { name: 'ann' }, response: { status: 200 } });
  const t = Math.floor(Date.now() / 1000);
  const signature = `t=${t},v1=${createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex')}`;
  const sent = await fetch(`${url}/v1/intake/gateway`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'x-cordon-delivery': randomUUID(), 'x-cordon-signature': signature } });
  expect(sent.status).toBe(202);
  const { ids } = (await sent.json()) as { ids: [string] };
  const authorization = `Bearer ${readFileSync(path.join(site.data, 'admin.key'), 'utf8').trim()}`;
  await eventually(async () => {
    const page = await (await fetch(`${url}/v1/signals`, { headers: { authorization } })).json();
    return JSON.stringify(page).includes(ids[0]) ? true : undefined;
  }, SIGNAL_MS);
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
    const url = await next.up();
    await answers(url);
    expect(postmaster()).toBe(pid);
    await detects(url);
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);

  it('of the server and its database, the next one recovers', async () => {
    const killed = site.serve();
    await killed.up();
    const pid = postmaster()!;
    await killed.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');

    const next = site.serve();
    const url = await next.up();
    await answers(url);
    expect(postmaster()).not.toBe(pid);
    await detects(url);
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);

  it('of the database alone, the server starts it again', async () => {
    const server = site.serve();
    const url = await server.up();
    process.kill(postmaster()!, 'SIGKILL');
    await server.printed(/postgres_died[^]*postgres_restarted/);
    await answers(url);
    await detects(url);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, LIMIT);
});

describe('a start whose migrations wait for somebody else', () => {
  /** An empty database in place of the product's, in which a session holds the name of a table that a migration makes. */
  async function holdMigration(): Promise<pg.Client> {
    const { superuserUrl, ownerUrl } = findEmbeddedPostgres(site.data)!;
    const superuser = new pg.Client({ connectionString: superuserUrl });
    await superuser.connect();
    await superuser.query('DROP DATABASE cordon WITH (FORCE)');
    await superuser.query('CREATE DATABASE cordon OWNER cordon_owner TEMPLATE template0');
    await superuser.end();
    const holder = new pg.Client({ connectionString: ownerUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('CREATE TABLE incident ()');
    return holder;
  }

  it('ends when it was interrupted meanwhile, and the next one goes on where it stopped', async () => {
    const killed = site.serve();
    await killed.up();
    await killed.kill('SIGKILL');
    const holder = await holdMigration();

    const waiting = site.serve();
    await eventually(async () => ((await holder.query('SELECT FROM pg_locks WHERE NOT granted')).rowCount === 0 ? undefined : true), SIGNAL_MS);
    const done = await holder.query(`SELECT to_regclass('log_record') AS before, to_regclass('context_entry') AS last`);
    expect(done.rows).toEqual([{ before: 'log_record', last: 'context_entry' }]);
    const exited = waiting.interrupt();
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await exited).toEqual({ code: 130, signal: null });
    expect(findEmbeddedPostgres(site.data)).toBeUndefined();

    const next = site.serve();
    const url = await next.up();
    await answers(url);
    await detects(url);
    expect(await next.kill('SIGTERM')).toEqual({ code: 0, signal: null });
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
