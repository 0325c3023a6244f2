import { afterEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { connectors } from '../../src/connectors.js';
import { defineConnector, defineSource, type Connector } from '../../src/sdk/index.js';
import { eventually, Product } from '../harness/product.js';

const record = (more: object = {}) => ({ time: new Date().toISOString(), route: '/customers', user: { name: 'ann' }, response: { status: 200 }, ...more });

let product: Product | undefined;
afterEach(async () => {
  await product?.stop();
  product = undefined;
});

async function asSuperuser<T>(running: Product, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: running.database.superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table as text, bytea in hex. */
async function dump(client: pg.Client): Promise<string> {
  const tables = await client.query<{ name: string }>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`);
  const parts: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    parts.push(...rows.map(({ row }) => row));
  }
  return parts.join('\n');
}

describe('field policy', () => {
  const SECRET = 'planted-4111-1111-1111-1111';
  const sources = `
  gateway:
    stream: cordon.gateway
    auth: { type: hmac, keys: [{ secret: "file:gateway.key" }] }
    fieldPolicy:
      - { path: user.name, action: tokenise, class: user }
      - { path: token.id, action: hash }
      - { path: object_ids, action: drop }
      - { path: device.user_agent, action: mask }
`;

  it('keeps a planted secret out of every table, in any encoding', async () => {
    const running = (product = await Product.start({ sources }));
    const planted = record({ user: { name: SECRET }, token: { id: SECRET }, object_ids: [SECRET], device: { user_agent: SECRET } });
    // one that is mapped, and one that fails its mapping and goes to quarantine
    for (const body of [planted, { ...planted, time: 'no time' }]) expect((await running.send(body)).status).toBe(202);
    await eventually(async () => ((await running.get<{ errors: unknown[] }>('/v1/pipeline-errors')).errors.length === 1 ? true : undefined));

    const text = await asSuperuser(running, dump);
    expect(text).toContain('/customers');
    for (const form of [SECRET, Buffer.from(SECRET).toString('hex'), Buffer.from(SECRET).toString('base64').slice(0, -4)]) expect(text).not.toContain(form);
  });
});

describe('quarantine', () => {
  /** The shipped gateway stream with a mapping that does not know our records. */
  const broken: Connector = defineConnector({
    id: 'cordon',
    title: 'Cordon with a defect',
    evidence: 'D',
    sources: [
      defineSource({
        stream: 'cordon.gateway', title: 'defect', class: 'gateway', delivery: 'push', logsources: [], recognisedBy: ['there.is.no.such.field'],
        constants: { 'event.kind': 'event' }, fields: {},
      }),
    ],
  });

  interface Errors {
    errors: { record_id: string; code: string; status: string; replayed_as: string | null }[];
  }

  it('keeps a record that cannot be mapped and replays it, once, when the mapping was mended', async () => {
    product = await Product.start({ connectors: [...connectors.filter(({ id }) => id !== 'cordon'), broken] });
    const sent = (await (await product.send(record())).json()) as { ids: [string] };
    const first = product;
    const { errors } = await eventually(async () => {
      const page = await first.get<Errors>('/v1/pipeline-errors');
      return page.errors.length > 0 ? page : undefined;
    });
    expect(errors).toMatchObject([{ record_id: sent.ids[0], code: 'record.unrecognised', status: 'open' }]);
    await product.close();

    const mended = (product = await Product.start({ again: product }));
    const replay = await (await mended.call('POST', '/v1/pipeline-errors/replay', { stream: 'cordon.gateway' })).json() as { replayed: { record_id: string; new_record_id: string }[] };
    expect(replay.replayed.map(({ record_id }) => record_id)).toEqual(sent.ids);
    const count = () => asSuperuser(mended, async (client) => (await client.query<{ record_id: string }>('SELECT record_id FROM event')).rows);
    const events = await eventually(async () => ((await count()).length > 0 ? count() : undefined));
    expect(events).toEqual([{ record_id: replay.replayed[0]?.new_record_id }]);
    expect(await mended.get<Errors>('/v1/pipeline-errors?status=replayed')).toMatchObject({ errors: [{ record_id: sent.ids[0], replayed_as: replay.replayed[0]?.new_record_id }] });
    // asked again, nothing is open
    expect(await (await mended.call('POST', '/v1/pipeline-errors/replay')).json()).toEqual({ replayed: [] });
  });

  it('takes a record whose document the database cannot hold, and lets the others pass', async () => {
    const running = (product = await Product.start());
    await asSuperuser(running, (client) => client.query(`ALTER TABLE event ADD CONSTRAINT planted CHECK (action <> '/far')`));
    const sent = (await (await running.send([record(), record({ route: '/far' }), record({ route: '/near' })])).json()) as { ids: string[] };
    const stored = () => asSuperuser(running, async (client) => (await client.query<{ record_id: string }>('SELECT record_id FROM event ORDER BY position')).rows.map((row) => row.record_id));
    const page = await eventually(async () => {
      const errors = await running.get<Errors>('/v1/pipeline-errors');
      return errors.errors.length > 0 && (await stored()).length === 2 ? errors : undefined;
    });
    expect(page.errors).toMatchObject([{ record_id: sent.ids[1], code: 'normalise.not_storable' }]);
    expect(await stored()).toEqual([sent.ids[0], sent.ids[2]]);
  });

  it('shows the raw text to the role that may, on the record, and lets it be discarded', async () => {
    const running = (product = await Product.start());
    const sent = (await (await running.send({ ...record(), time: 'never' })).json()) as { ids: [string] };
    await eventually(async () => ((await running.get<Errors>('/v1/pipeline-errors')).errors.length > 0 ? true : undefined));
    expect(await running.get(`/v1/pipeline-errors/${sent.ids[0]}`)).toMatchObject({ code: 'record.missing_field', raw: expect.stringContaining('never') });
    expect((await running.call('DELETE', `/v1/pipeline-errors/${sent.ids[0]}`)).status).toBe(204);
    const again = await running.call('DELETE', `/v1/pipeline-errors/${sent.ids[0]}`);
    expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([404, 'normalise.pipeline_error_unknown']);
    const actions = await asSuperuser(running, async (client) => (await client.query<{ action: string }>(`SELECT action FROM audit_row WHERE action LIKE 'normalise.%' ORDER BY at`)).rows);
    expect(actions.map(({ action }) => action)).toEqual(['normalise.pipeline_error_read', 'normalise.pipeline_error_discarded']);
  });

  it('names the parameter of a query it cannot use', async () => {
    const running = (product = await Product.start());
    for (const [address, code] of [['/v1/pipeline-errors?limit=0', 'normalise.query_invalid'], ['/v1/signals?levl=high', 'detect.query_invalid'], ['/v1/signals/none', 'detect.signal_unknown']] as const) {
      const response = await running.call('GET', address);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(((await response.json()) as { code: string }).code).toBe(code);
    }
  });
});

describe('a database that is away', () => {
  it('is answered with 429 and Retry-After, and the record is stored once when it is back', async () => {
    const running = (product = await Product.start());
    const name = pg.escapeIdentifier(running.database.name);
    const server = new URL(running.database.superuserUrl);
    server.pathname = '/postgres';
    const admin = new pg.Client({ connectionString: server.href });
    await admin.connect();
    try {
      const body = record();
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [running.database.name]);
      const refused = await running.send(body, { delivery: 'one' });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
      expect((await fetch(`${running.url}/readyz`)).status).toBe(503);

      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
      await eventually(async () => ((await running.send(body, { delivery: 'one' })).status === 202 ? true : undefined));
    } finally {
      await admin.end();
    }
    const { rows } = await asSuperuser(running, (client) => client.query('SELECT delivery FROM log_record'));
    expect(rows).toHaveLength(1);
  });
});
