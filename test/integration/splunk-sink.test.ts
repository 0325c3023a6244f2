import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { splunk } from '../../connectors/splunk/connector.js';
import { Secret, type Dialer, type JsonObject, type Sink } from '../../src/kernel/index.js';
import { fetchClient } from '../harness/fetch-client.js';
import { startHecReceiver, type HecReceiver } from '../harness/siem-receivers.js';

const TOKEN = '00000000-0000-4000-8000-000000000000';
const never = AbortSignal.timeout(60_000);

let receiver: HecReceiver;
let sink: Sink;

const open = (token = TOKEN, url = receiver.url): Sink =>
  splunk.sink!.bind('splunk', { config: { url, token: new Secret(token), index: 'security', host: 'cordon', timeout: 5_000 }, http: fetchClient, dialer: {} as Dialer });
const doc = (id: string, more: JsonObject = {}) => ({ id, dataset: 'cordon.signal', doc: { '@timestamp': '2026-03-04T05:06:07.008Z', event: { id }, ...more } });
const arrived = () => receiver.events.map(({ fields }) => fields.cordon_id);
const answer = (status: number, code: number, more: JsonObject = {}) => ({ status, body: { text: 'words', code, ...more } });

beforeAll(async () => {
  receiver = await startHecReceiver({ token: TOKEN });
  sink = open();
});
afterEach(() => {
  receiver.fault = undefined;
});
afterAll(() => receiver.close());

describe('the HEC sink', () => {
  it('sends gzipped events with time, source type, index and an id among the indexed fields', async () => {
    expect(await sink.send([doc('a1'), doc('a2')], never)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(receiver.events[0]).toEqual({
      time: Date.parse('2026-03-04T05:06:07.008Z') / 1_000, host: 'cordon', source: 'cordon', sourcetype: 'cordon:signal', index: 'security', event: doc('a1').doc, fields: { cordon_id: 'a1' },
    });
  });

  it('leaves out an event that the collector names as wrong and sends the rest', async () => {
    receiver.fault = (objects) => {
      const index = objects.findIndex(({ fields }) => (fields as JsonObject).cordon_id === 'b2');
      return index < 0 ? undefined : answer(400, 6, { 'invalid-event-number': index });
    };
    expect(await sink.send([doc('b1'), doc('b2'), doc('b3')], never)).toEqual([{ status: 'accepted' }, { status: 'rejected', reason: expect.stringContaining('code 6') }, { status: 'accepted' }]);
    expect(arrived()).toEqual(expect.arrayContaining(['b1', 'b3']));
    expect(arrived()).not.toContain('b2');
  });

  it('knows that code 7 names the event after the wrong one', async () => {
    receiver.fault = (objects) => {
      const index = objects.findIndex(({ fields }) => (fields as JsonObject).cordon_id === 'c1');
      return index < 0 ? undefined : answer(400, 7, { 'invalid-event-number': index + 1 });
    };
    expect((await sink.send([doc('c1'), doc('c2')], never)).map(({ status }) => status)).toEqual(['rejected', 'accepted']);
  });

  it.each([
    [503, 9, 'unavailable'],
    [500, 8, 'unavailable'],
    [429, 9, 'unavailable'],
    [413, 27, 'too_large'],
    [400, 10, 'refused'],
    [400, 14, 'refused'],
  ])('says of an answer %i with code %i that the request is %s', async (status, code, kind) => {
    receiver.fault = () => answer(status, code);
    await expect(sink.send([doc('d1')], never)).rejects.toMatchObject({ name: 'SinkFailure', kind });
  });

  it.each([
    ['a page of a firewall', { status: 403, body: {} }, true],
    ['a wrong event that is not named', answer(400, 6), true],
    ['the token', answer(403, 4), false],
    ['the acknowledgement', answer(400, 14), false],
  ])('says whether one event may be why a request is refused: %s', async (_what, fault, suspect) => {
    receiver.fault = () => fault;
    await expect(sink.send([doc('d1'), doc('d2')], never)).rejects.toMatchObject({ kind: 'refused', options: { suspect } });
  });

  it('names the refusal of a wrong token, and never the token', async () => {
    const failure = (await open('11111111-1111-4111-8111-111111111111').send([doc('e1')], never).catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ kind: 'refused', message: expect.stringContaining('code 4') });
    expect(`${failure.message}${failure.stack}`).not.toContain('11111111-1111');
  });

  it('is unavailable where nothing answers', async () => {
    const gone = await startHecReceiver({ token: TOKEN });
    const lost = open(TOKEN, gone.url);
    await gone.close();
    await expect(lost.send([doc('f1')], never)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
