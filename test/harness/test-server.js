import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { silentTelemetry } from '../../dist/src/platform/index.js';
import { openDataDirectory } from '../../dist/src/platform/data-directory/index.js';
import { isPostmasterOf } from '../../dist/src/platform/postgres/postmaster-process.js';
import { readPostmasterFile } from '../../dist/src/platform/postgres/postmaster-file.js';
import { APP_ROLE, createDatabase, createRoles, OWNER_ROLE, startEmbeddedPostgres } from '../../dist/src/platform/postgres/index.js';
import { runMigrations } from '../../dist/src/platform/database/index.js';

/** Set to a superuser's connection string, the tests run on that server instead of a cluster of their own. */
const EXTERNAL = process.env.CORDON_TEST_DATABASE_URL;
const FOLDER = /^cordon-test-(\d+)-/;

/**
 * Starts the server of a test run and makes its template database, migrated by the built migrations. What the tests need
 * to know of it goes into the environment, which jest hands to its workers.
 */
export async function startTestServer() {
  const server = EXTERNAL ? await useExternalServer(EXTERNAL) : await startOwnServer();
  const prefix = `cordon_test_${randomBytes(4).toString('hex')}`;
  const run = { ...server.urls, prefix, template: `${prefix}_template` };
  try {
    await withClient(run.superuserUrl, (client) => createDatabase(client, run.template));
    await runMigrations({ ownerUrl: inDatabase(run.ownerUrl, run.template), appUrl: inDatabase(run.appUrl, run.template) });
  } catch (error) {
    await server.stop();
    throw error;
  }
  process.env.CORDON_TEST_SERVER = JSON.stringify(run);
  return { stop: () => stop(server, run) };
}

/** Stops the server; databases that a test left behind are an error, after they have been removed. */
async function stop(server, run) {
  try {
    const left = await withClient(run.superuserUrl, async (client) => {
      const { rows } = await client.query('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [run.prefix]);
      if (EXTERNAL) for (const { name } of rows) await client.query(`DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`);
      return rows.map(({ name }) => name).filter((name) => name !== run.template);
    });
    if (left.length > 0) throw new Error(`tests left ${left.length} databases behind: each createTestDatabase() needs its drop()`);
  } finally {
    await server.stop();
  }
}

async function startOwnServer() {
  removeDeadRuns();
  const directory = mkdtempSync(path.join(tmpdir(), `cordon-test-${process.pid}-`));
  // As root the server runs as a service user, who has to get through here.
  chmodSync(directory, 0o711);
  const data = await openDataDirectory(path.join(directory, 'data'));
  const embedded = await startEmbeddedPostgres({ data, telemetry: silentTelemetry(), durable: false });
  return {
    urls: embedded.connections,
    stop: async () => {
      await embedded.stop();
      data.release();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A run that was killed cannot clean up; the next one does it. */
function removeDeadRuns() {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid || existsSync(`/proc/${pid}`)) continue;
    const directory = path.join(tmpdir(), name);
    try {
      const cluster = path.join(directory, 'data', 'postgres', 'cluster');
      const running = readPostmasterFile(cluster);
      if (running && isPostmasterOf(running.pid, cluster)) process.kill(running.pid, 'SIGQUIT');
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // Another user's, or still going down: not worth failing a test run.
    }
  }
}

/** Roles belong to a whole server, so their passwords must be the same for every run on it. */
async function useExternalServer(superuserUrl) {
  const password = (role) => createHash('sha256').update(`${role} ${superuserUrl}`).digest('hex');
  const passwords = { owner: password(OWNER_ROLE), app: password(APP_ROLE) };
  await withClient(superuserUrl, async (client) => {
    await createRoles(client, passwords);
    await client.query(`ALTER ROLE ${OWNER_ROLE} LOGIN PASSWORD '${passwords.owner}'`);
    await client.query(`ALTER ROLE ${APP_ROLE} LOGIN PASSWORD '${passwords.app}'`);
  });
  const as = (user, secret) => {
    const url = new URL(superuserUrl);
    url.username = user;
    url.password = secret;
    return url.href;
  };
  return { urls: { superuserUrl, ownerUrl: as(OWNER_ROLE, passwords.owner), appUrl: as(APP_ROLE, passwords.app) }, stop: async () => undefined };
}

async function withClient(connectionString, work) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The same connection into another database. */
function inDatabase(connectionString, name) {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
