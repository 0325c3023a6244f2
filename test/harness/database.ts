import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A database of one test file, cloned from the migrated template (some ten milliseconds). */
export interface TestDatabase {
  readonly name: string;
  /** As the role that owns the schema. */
  readonly ownerUrl: string;
  /** As the role that runs the product. */
  readonly appUrl: string;
  /** For looking behind the scenes and for breaking things. */
  readonly superuserUrl: string;
  /** Removes the database. Fails when a connection to it is still open: something was not closed. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False gives an empty database, for tests of the migrations themselves. Default true. */
  readonly migrated?: boolean;
}

interface TestServer {
  readonly superuserUrl: string;
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly prefix: string;
  readonly template: string;
}

const CLOSING_MS = 2_000;
const POLL_MS = 20;

/** Makes a database for this file. Call in `beforeAll`, and `drop()` in `afterAll` after everything that uses it is closed. */
export async function createTestDatabase({ migrated = true }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = testServer();
  const name = `${server.prefix}_${randomBytes(5).toString('hex')}`;
  const [owner, app] = [userOf(server.ownerUrl), userOf(server.appUrl)].map(pg.escapeIdentifier);
  await onServer(server, async (client) => {
    await client.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${migrated ? server.template : "template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"}`);
    // A clone has the template's tables, not the privileges on the template itself.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE ${name} TO ${app}`);
  });
  return {
    name,
    ownerUrl: inDatabase(server.ownerUrl, name),
    appUrl: inDatabase(server.appUrl, name),
    superuserUrl: inDatabase(server.superuserUrl, name),
    drop: () => onServer(server, (client) => drop(client, name)),
  };
}

/** A closed connection is still listed for a moment; one that stays is a leak. */
async function drop(client: pg.Client, name: string): Promise<void> {
  let open = await sessionsOf(client, name);
  for (let waited = 0; open.length > 0 && waited < CLOSING_MS; waited += POLL_MS) {
    await sleep(POLL_MS);
    open = await sessionsOf(client, name);
  }
  await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  if (open.length > 0) throw new Error(`${open.length} connections were still open when the test database was dropped: ${open.join('; ')}`);
}

async function sessionsOf(client: pg.Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ session: string }>(
    `SELECT concat_ws(' ', usename, application_name, state, left(query, 80)) AS session
     FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  return rows.map(({ session }) => session);
}

function testServer(): TestServer {
  const text = process.env.CORDON_TEST_SERVER;
  if (text === undefined) throw new Error('no test server: a test that needs a database belongs to test/integration, test/crash or test/e2e');
  return JSON.parse(text) as TestServer;
}

async function onServer<T>(server: TestServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

function inDatabase(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
