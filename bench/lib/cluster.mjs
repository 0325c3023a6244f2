// An embedded PostgreSQL of the product's own settings in a throw-away folder, for benches that need a durable one.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { onStop } from '../../scripts/lib/on-stop.mjs';
import { inChild } from './in-child.mjs';

const built = (file) => import(path.join(import.meta.dirname, '../../dist/src', file));

/** Settings that decide what a commit is worth. A bench that compares commits refuses to run on others. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/**
 * Calls `work` with `{ directory, connections, child(file) }` and cleans everything up afterwards, also when this process is
 * asked to end: the database is in a group of its own, so a signal for us does not reach it.
 */
export async function withCluster(work) {
  const directory = mkdtempSync(path.join(tmpdir(), 'cordon-bench-'));
  // As root the database runs as a service user, who has to get through here.
  chmodSync(directory, 0o711);
  const { openDataDirectory } = await built('platform/data-directory/index.js');
  const { startEmbeddedPostgres } = await built('platform/postgres/index.js');
  const { silentTelemetry } = await built('platform/index.js');
  const start = new AbortController();
  const children = [];
  const data = await openDataDirectory(path.join(directory, 'data'));
  const starting = startEmbeddedPostgres({ data, telemetry: silentTelemetry(), signal: start.signal });
  const cleanUp = async () => {
    start.abort();
    await Promise.all(children.map((child) => child.stop()));
    await (await starting.catch(() => undefined))?.stop();
    data.release();
    rmSync(directory, { recursive: true, force: true });
  };
  const letGo = onStop(cleanUp);
  try {
    const { connections } = await starting;
    const child = async (file) => {
      const started = await inChild(path.join(import.meta.dirname, file));
      children.push(started);
      return started;
    };
    return await work({ directory, connections, child });
  } finally {
    letGo();
    await cleanUp();
  }
}

/** What the sessions of a connection string really have. @throws where it is not durable */
export async function durability(url) {
  return withClient(url, async (client) => {
    const { rows } = await client.query("SELECT name, setting FROM pg_settings WHERE name = ANY ($1)", [Object.keys(DURABLE)]);
    const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
    for (const [name, wanted] of Object.entries(DURABLE)) {
      if (settings[name] !== wanted) throw new Error(`${name} is ${settings[name]}, and numbers only count with ${wanted}`);
    }
    return settings;
  });
}

export async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
