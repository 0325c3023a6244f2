import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../src/kernel/index.js';
import { ForwardService } from '../../src/forward/index.js';
import { startElasticReceiver, startHecReceiver, type ElasticReceiver, type HecReceiver } from '../harness/siem-receivers.js';
import { eventually } from '../harness/eventually.js';
import { Product } from '../harness/product.js';

const API_KEY = 'dGVzdDprZXk=';
const TOKEN = '00000000-0000-4000-8000-000000000000';
const BACKLOG = 50_000;
const LIMIT = 120_000;

const secrets = mkdtempSync(path.join(tmpdir(), 'cordon-forward-'));

let elastic: ElasticReceiver;
let splunk: HecReceiver;
let product: Product;

beforeAll(async () => {
  [elastic, splunk] = await Promise.all([startElasticReceiver({ apiKey: API_KEY }), startHecReceiver({ token: TOKEN })]);
  writeFileSync(path.join(secrets, 'elastic'), API_KEY);
  writeFileSync(path.join(secrets, 'splunk'), TOKEN);
  product = await Product.start({
    config: `
outbound: { allow: [127.0.0.1] }
connectors:
  elastic: { node: "${elastic.url}", auth: { apiKey: "file:${secrets}/elastic" } }
  splunk: { url: "${splunk.url}", token: "file:${secrets}/splunk" }
forward: { sinks: { elastic: { feeds: [facts, events] }, splunk: {} } }`,
    rules: {
      'any.yml': `title: Any export\nid: 0b9e2c7e-6a57-4d0a-9d2e-3f4f5a6b7c8d\nlogsource: { product: cordon, service: cordon.gateway }\ndetection: { selection: { cordon.gateway.route: /export }, condition: selection }\nlevel: high\n`,
    },
  });
}, LIMIT);
afterEach(() => {
  elastic.fault = undefined;
  splunk.fault = undefined;
});
afterAll(async () => {
  await product.stop();
  await Promise.all([elastic.close(), splunk.close()]);
  rmSync(secrets, { recursive: true });
});

const request = (id: string) => ({
  time: new Date().toISOString(), route: '/export', request: { id, method: 'GET' }, response: { status: 200, bytes: 10 },
  client: { ip: '192.0.2.1' }, user: { name: 'ann@example.com' }, token: { id: 't-1' },
});

/** Facts as another module would state them, many at once. */
async function stateFacts(count: number, mark: string): Promise<void> {
  await product.app.platform.database.transaction(async (tx) => {
    const bodies = Array.from({ length: count }, (_, n) => JSON.stringify({ mark, n }));
    await tx.query('SELECT fact_append($1, $2, $3, $4, $5)', [bodies.map(() => randomUUID()), bodies.map(() => 'incident.commented'), bodies.map(() => 'incident:x'), bodies, tx.now]);
  });
}

const markOf = (fact: unknown) => (fact as { mark?: string } | undefined)?.mark;
const inSplunk = (mark: string) => splunk.events.filter(({ event }) => markOf((event.cordon as { fact: unknown }).fact) === mark);
const inElastic = (mark: string) => elastic.documents().filter((document) => markOf((document.cordon as { fact?: unknown } | undefined)?.fact) === mark);

describe('forwarding', () => {
  it('brings the signal to both SIEMs, and the event to the one that asked for events', async () => {
    await product.send(request('r-1'));
    const signal = await eventually(async () => splunk.events.find(({ sourcetype }) => sourcetype === 'cordon:signal'));
    expect(signal.event).toMatchObject({ event: { kind: 'signal', severity: 73 }, rule: { name: 'Any export' } });
    await eventually(async () => elastic.streams.get('logs-cordon.signal-default')?.get(signal.fields.cordon_id));
    const events = await eventually(async () => elastic.streams.get('logs-cordon.event-default'));
    expect([...events.values()][0]).toMatchObject({ cordon: { gateway: { route: '/export' } }, data_stream: { dataset: 'cordon.event' } });
    expect(splunk.events.some(({ sourcetype }) => sourcetype === 'cordon:event')).toBe(false);
  }, LIMIT);

  it('lets a sink that is down block nothing, and gives it everything once it is back', async () => {
    splunk.fault = () => ({ status: 503, body: { text: 'Server is busy', code: 9 } });
    await stateFacts(BACKLOG, 'backlog');
    await eventually(async () => ((elastic.streams.get('logs-cordon.incident-default')?.size ?? 0) >= BACKLOG ? true : undefined), LIMIT);
    expect((await product.send(request('r-2'))).status).toBe(202);
    expect(inSplunk('backlog')).toEqual([]);
    const { sinks } = await product.get<{ sinks: { sink: string; feeds: { behind: number }[] }[] }>('/v1/forward');
    expect(sinks.find(({ sink }) => sink === 'splunk')?.feeds[0]?.behind).toBeGreaterThanOrEqual(BACKLOG);
    splunk.fault = undefined;
    await eventually(async () => (splunk.events.length >= BACKLOG ? true : undefined), LIMIT);
    await eventually(async () => (new Set(inSplunk('backlog').map(({ fields }) => fields.cordon_id)).size === BACKLOG ? true : undefined));
    expect(inElastic('backlog')).toHaveLength(BACKLOG);
  }, 2 * LIMIT);

  it('keeps a document that is refused for good, and sends it again when asked', async () => {
    elastic.fault = (path) => {
      const { text } = elastic.requests.at(-1)!;
      if (path !== '/_bulk' || !text.includes('"mark":"poison"')) return undefined;
      const operations = text.trimEnd().split('\n').filter((_line, index) => index % 2 === 0).map((line) => JSON.parse(line) as { create: JsonObject });
      const items = operations.map(({ create }) => ({ create: { ...create, status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse' } } }));
      return { status: 200, body: { took: 1, errors: true, items } };
    };
    await stateFacts(1, 'poison');
    const [letter] = await eventually(async () => {
      const { dead_letters: letters } = await product.get<{ dead_letters: { id: string; reason: string }[] }>('/v1/forward/elastic/dead-letters');
      return letters.length > 0 ? letters : undefined;
    });
    expect(letter).toMatchObject({ reason: expect.stringContaining('document_parsing_exception') });
    // what comes behind it is not held up
    await stateFacts(1, 'after');
    await eventually(async () => (inElastic('after').length === 1 ? true : undefined));
    elastic.fault = undefined;
    const retried = await product.call('POST', '/v1/forward/elastic/dead-letters/retry', {});
    expect(await retried.json()).toEqual({ sent: 1, left: 0 });
    expect(inElastic('poison')).toHaveLength(1);
    expect(await product.get('/v1/forward/elastic/dead-letters')).toEqual({ dead_letters: [], next: null });
  }, LIMIT);

  it('drops a dead letter when asked', async () => {
    const service = product.app.nest.get(ForwardService);
    await product.app.platform.database.query(
      `INSERT INTO forward_dead_letter (sink, feed, position, document_id, dataset, reason, doc, at) VALUES ('elastic', 'facts', 1, $1, 'cordon.incident', 'x', '{}', $2)`,
      [randomUUID(), new Date()],
    );
    const [letter] = await service.listDeadLetters('elastic', undefined, 10);
    expect((await product.call('POST', '/v1/forward/elastic/dead-letters/discard', { ids: [letter!.document.id] })).status).toBe(204);
    expect(await service.listDeadLetters('elastic', undefined, 10)).toEqual([]);
  });

  it('names what is wrong with a request', async () => {
    const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
    expect(await codeOf(await product.call('GET', '/v1/forward/nowhere/dead-letters'))).toBe('forward.sink_unknown');
    expect(await codeOf(await product.call('POST', '/v1/forward/elastic/dead-letters/discard', { ids: ['x'] }))).toBe('forward.request_invalid');
    expect(await codeOf(await product.call('POST', '/v1/forward/splunk/forget', {}))).toBe('forward.request_invalid');
  });

  it('says that the sink failed where dead letters cannot be sent', async () => {
    await product.app.platform.database.query(
      `INSERT INTO forward_dead_letter (sink, feed, position, document_id, dataset, reason, doc, at) VALUES ('splunk', 'facts', 1, $1, 'cordon.incident', 'x', '{}', $2)`,
      [randomUUID(), new Date()],
    );
    splunk.fault = () => ({ status: 503, body: { text: 'Server is busy', code: 9 } });
    const answer = await product.call('POST', '/v1/forward/splunk/dead-letters/retry', {});
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'forward.sink_failed', detail: expect.stringContaining('code 9') }]);
  });
});

describe('a sink without a connection', () => {
  it('keeps the product from starting, and says what to add', async () => {
    await expect(Product.start({ config: 'forward: { sinks: { elastic: {} } }' })).rejects.toMatchObject({ code: 'forward.sink_not_configured', message: expect.stringContaining('connectors.elastic is missing') });
  });
});
