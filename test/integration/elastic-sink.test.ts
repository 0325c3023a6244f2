import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { elastic } from '../../connectors/elastic/connector.js';
import { Secret, type Dialer, type JsonObject, type Sink } from '../../src/kernel/index.js';
import { fetchClient } from '../harness/fetch-client.js';
import { startElasticReceiver, type ElasticReceiver } from '../harness/siem-receivers.js';

const API_KEY = 'dGVzdDprZXk=';
const CONTRACT = path.resolve('../shared/contracts/elasticsearch.openapi.json');
const never = AbortSignal.timeout(60_000);

let receiver: ElasticReceiver;
let sink: Sink;

const open = (apiKey = API_KEY): Sink =>
  elastic.sink!.bind('elastic', {
    config: { node: receiver.url, auth: { apiKey: new Secret(apiKey) }, namespace: 'bank', manageTemplate: true, timeout: 5_000 },
    http: fetchClient, dialer: {} as Dialer,
  });
const doc = (id: string, more: JsonObject = {}) => ({ id, dataset: 'cordon.signal', doc: { '@timestamp': '2026-03-04T05:06:07.008Z', event: { id }, ...more } });

beforeAll(async () => {
  receiver = await startElasticReceiver({ apiKey: API_KEY });
  sink = open();
  await sink.prepare(never);
});
afterEach(() => {
  receiver.fault = undefined;
});
afterAll(async () => {
  await sink.close();
  await receiver.close();
});

describe('the Elasticsearch sink', () => {
  it('creates documents in a data stream, under our id', async () => {
    expect(await sink.send([doc('a1'), doc('a2')], never)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(receiver.streams.get('logs-cordon.signal-bank')?.get('a1')).toMatchObject({ event: { id: 'a1' }, data_stream: { type: 'logs', dataset: 'cordon.signal', namespace: 'bank' } });
  });

  it('takes a document that is there already for a success', async () => {
    await sink.send([doc('b1')], never);
    expect(await sink.send([doc('b1'), doc('b2')], never)).toEqual([{ status: 'duplicate' }, { status: 'accepted' }]);
  });

  it('looks at each item of a 200: 429 passes, a mapping error does not', async () => {
    const item = (id: string, status: number) => ({ create: { _index: 'x', _id: id, status, error: { type: 'some_exception', reason: 'because' } } });
    receiver.fault = () => ({ status: 200, body: { took: 1, errors: true, items: [item('c1', 429), item('c2', 400), { create: { _index: 'x', _id: 'c3', status: 201 } }] } });
    expect(await sink.send([doc('c1'), doc('c2'), doc('c3')], never)).toEqual([
      { status: 'retry', reason: '429 some_exception: because', suspect: false },
      { status: 'rejected', reason: '400 some_exception: because' },
      { status: 'accepted' },
    ]);
  });

  it.each([
    [503, 'unavailable'],
    [429, 'unavailable'],
    [413, 'too_large'],
    [404, 'refused'],
  ])('says of an answer %i that the request is %s', async (status, kind) => {
    receiver.fault = () => ({ status, body: { error: { type: 'x', reason: 'y' }, status } });
    await expect(sink.send([doc('d1')], never)).rejects.toMatchObject({ name: 'SinkFailure', kind });
  });

  it.each([[400, true], [403, false], [401, false]])('says whether one document may be why an answer %i refuses a request: %s', async (status, suspect) => {
    receiver.fault = () => ({ status, body: { error: { type: 'x', reason: 'y' }, status } });
    await expect(sink.send([doc('d1')], never)).rejects.toMatchObject({ kind: 'refused', options: { suspect } });
  });

  it('suspects a document where the page of a firewall refuses the request', async () => {
    const firewall = createServer((request, response) => request.resume().on('end', () => response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>blocked</h1>')));
    await once(firewall.listen(0, '127.0.0.1'), 'listening');
    const behind = elastic.sink!.bind('elastic', { config: { node: `http://127.0.0.1:${(firewall.address() as AddressInfo).port}`, auth: { apiKey: new Secret(API_KEY) }, namespace: 'bank', manageTemplate: true, timeout: 2_000 }, http: fetchClient, dialer: {} as Dialer });
    await expect(behind.send([doc('d1')], never)).rejects.toMatchObject({ kind: 'refused', options: { suspect: true } });
    await behind.close();
    firewall.closeAllConnections();
    firewall.close();
  });

  it.each([[500, true], [503, false], [429, false]])('says whether a document may be why its item answers %i: %s', async (status, suspect) => {
    receiver.fault = () => ({ status: 200, body: { took: 1, errors: true, items: [{ create: { _index: 'logs-x', _id: 'd1', status, error: { type: 'x', reason: 'y' } } }] } });
    expect(await sink.send([doc('d1')], never)).toMatchObject([{ status: 'retry', suspect }]);
  });

  it('names the refusal of a wrong key, and never the key', async () => {
    const wrong = open('c2VjcmV0OnZhbHVl');
    const failure = (await wrong.send([doc('e1')], never).catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ kind: 'refused', message: expect.stringContaining('401') });
    expect(JSON.stringify({ message: failure.message, stack: failure.stack, cause: String((failure.cause as Error).stack) })).not.toContain('c2VjcmV0OnZhbHVl');
    await wrong.close();
  });

  it('is unavailable where nothing answers', async () => {
    const gone = await startElasticReceiver({ apiKey: API_KEY });
    const lost = elastic.sink!.bind('elastic', { config: { node: gone.url, auth: { apiKey: new Secret(API_KEY) }, namespace: 'bank', manageTemplate: true, timeout: 2_000 }, http: fetchClient, dialer: {} as Dialer });
    await gone.close();
    await expect(lost.send([doc('f1')], never)).rejects.toMatchObject({ kind: 'unavailable' });
    await lost.close();
  });
});

(existsSync(CONTRACT) ? describe : describe.skip)('against the published contract', () => {
  it('sends an index template and bulk operations of its shape', async () => {
    const contract = JSON.parse(readFileSync(CONTRACT, 'utf8')) as { components: { schemas: Record<string, { properties?: object }>; requestBodies: Record<string, { content: Record<string, { schema: object }> }> } };
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(contract, 'contract');
    const check = (pointer: string, value: unknown) => {
      const validate = ajv.compile({ $ref: `contract#${pointer}` });
      expect({ valid: validate(value), errors: validate.errors ?? [] }).toEqual({ valid: true, errors: [] });
    };
    await sink.send([doc('g1'), doc('g2')], never);
    const template = receiver.requests.find(({ path: requested }) => requested.startsWith('/_index_template/'))!;
    const sent = JSON.parse(template.text) as { template: { mappings: { dynamic_templates?: unknown } } };
    // The contract allows a dynamic template one member only, which its own documentation contradicts.
    delete sent.template.mappings.dynamic_templates;
    check('/components/requestBodies/indices.put_index_template/content/application~1json/schema', sent);
    const lines = receiver.requests.at(-1)!.text.trimEnd().split('\n').map((line) => JSON.parse(line) as JsonObject);
    const known = Object.keys({ ...propertiesOf(contract.components.schemas, '_global.bulk_OperationBase'), ...propertiesOf(contract.components.schemas, '_global.bulk_WriteOperation') });
    for (const [index, line] of lines.entries()) {
      if (index % 2 === 1) continue;
      check('/components/schemas/_global.bulk_OperationContainer', line);
      expect(known).toEqual(expect.arrayContaining(Object.keys(line.create as JsonObject)));
    }
    expect(receiver.requests.at(-1)).toMatchObject({ path: '/_bulk', headers: { 'content-type': expect.stringMatching(/x-ndjson/) } });
  });
});

/** Properties of a schema and of those it is composed of. */
function propertiesOf(schemas: Record<string, { properties?: object; allOf?: { properties?: object; $ref?: string }[] }>, name: string): object {
  const { properties = {}, allOf = [] } = schemas[name] ?? {};
  return Object.assign({}, properties, ...allOf.map((part) => part.properties ?? (part.$ref ? propertiesOf(schemas, part.$ref.split('/').at(-1)!) : {}))) as object;
}
