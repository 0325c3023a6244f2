import { afterEach, describe, expect, it } from '@jest/globals';
import { createSecretKey } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { SECRET, source, startIntake, TOKEN, type TestIntake } from '../../test/harness/intake-server.js';
import { Secret } from '../config/index.js';
import { PROBLEM_TYPE } from '../platform/index.js';
import { DiskFloor, freeBytes } from './disk-floor.js';
import { signatureHeader } from './signature.js';

let running: TestIntake | undefined;

async function start(...args: Parameters<typeof startIntake>): Promise<TestIntake> {
  running = await startIntake(...args);
  return running;
}

afterEach(async () => {
  await running?.close();
  running = undefined;
});

const key = createSecretKey(Buffer.from(SECRET));
const bearer = source({ auth: { type: 'bearer', keys: [{ id: 'main', secret: new Secret(TOKEN) }] } });
const token = { authorization: `Bearer ${TOKEN}` };
const begin = (test: TestIntake, request: string) => connect(Number(new URL(test.url).port), '127.0.0.1').on('error', () => {}).setNoDelay(true).on('connect', function (this: Socket) { this.write(request); });
const refusals = (test: TestIntake) => Object.fromEntries(test.intake.refusals.take().map(({ reason, count }) => [reason, count]));
const bodies = (test: TestIntake) => test.log.stored.map(({ body }) => body.toString());

describe('POST /v1/intake/:source', () => {
  it.each([
    ['an object', '{"a":1}', ['{"a":1}']],
    ['an object over several lines', '{\n "a": 1,\n "b": "}"\n}\n', ['{\n "a": 1,\n "b": "}"\n}']],
    ['an array', '[{"a":1}, {"b":"],["}]', ['{"a":1}', '{"b":"],["}']],
    ['one object a line', '{"a":1}\n\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['a byte order mark in front', '\ufeff{"a":1}', ['{"a":1}']],
  ])('stores %s as received, before the 202', async (_, body, expected) => {
    const test = await start({ gateway: source() });
    const answer = await test.post('gateway', body);
    expect(answer).toMatchObject({ status: 202, body: { accepted: expected.length, duplicates: 0, rejected: [] } });
    expect(bodies(test)).toEqual(expected);
    expect(answer.body.ids).toEqual(test.log.stored.map(({ id }) => id));
  });

  it('stores lines of a text stream whatever they are', async () => {
    const test = await start({ proxy: source({ stream: 'test.text' }) });
    expect((await test.post('proxy', '192.0.2.1 - - "GET /"\n{"a":\n')).body).toMatchObject({ accepted: 2 });
    expect(bodies(test)).toEqual(['192.0.2.1 - - "GET /"', '{"a":']);
  });

  it('inflates gzip after checking the signature over the bytes that travelled', async () => {
    const test = await start({ gateway: source() });
    const zipped = gzipSync('{"a":1}\n{"b":2}');
    expect(await test.post('gateway', zipped, { 'content-encoding': 'gzip' })).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect(bodies(test)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('refuses a bad record and takes the others', async () => {
    const test = await start({ gateway: source() }, { maxDepth: 3, maxRecordBytes: 64 });
    const lines = ['{"a":1}', '{"a":', '7', '{"a":{"b":{"c":{}}}}', `{"a":"${'x'.repeat(80)}"}`, '{"z":1}'];
    const body = Buffer.concat([Buffer.from(`${lines.join('\n')}\n{"u":"`), Buffer.from([0xff]), Buffer.from('"}')]);
    const answer = await test.post('gateway', body, { 'content-type': 'application/x-ndjson' });
    expect(answer.body).toMatchObject({
      accepted: 2,
      rejected: [
        { index: 1, code: 'intake.invalid_json' },
        { index: 2, code: 'intake.not_an_object' },
        { index: 3, code: 'intake.too_deep' },
        { index: 4, code: 'intake.record_too_large' },
        { index: 6, code: 'intake.invalid_utf8' },
      ],
    });
    expect(bodies(test)).toEqual(['{"a":1}', '{"z":1}']);
  });

  it('knows a retry by delivery id and index, and counts another body under a known key as a clash', async () => {
    const test = await start({ gateway: source() });
    const first = await test.post('gateway', '[{"n":1},{"n":2}]', { 'x-cordon-delivery': 'd-1' });
    test.clock.advance(1000);
    const retry = await test.post('gateway', '[{"n":1},{"n":2}]', { 'x-cordon-delivery': 'd-1' });
    expect(retry.body).toMatchObject({ accepted: 0, duplicates: 2, ids: first.body.ids });
    test.clock.advance(1000);
    expect((await test.post('gateway', '[{"n":1},{"n":3}]', { 'x-cordon-delivery': 'd-1' })).body).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(bodies(test)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
    expect(await test.telemetry.registry.metrics()).toContain('cordon_intake_records_total{source="gateway",outcome="clash"} 1');
  });

  it('refuses a captured request under a new delivery id, and takes its honest repeat as the same delivery', async () => {
    const test = await start({ gateway: source() });
    const headers = { 'x-cordon-signature': signatureHeader(key, test.clock.now(), Buffer.from('{"n":1}')) };
    await test.post('gateway', '{"n":1}', { ...headers, 'x-cordon-delivery': 'd-1' });
    expect(await test.post('gateway', '{"n":1}', { ...headers, 'x-cordon-delivery': 'd-2' })).toMatchObject({ status: 409, body: { code: 'intake.replayed' } });
    expect(await test.post('gateway', '{"n":1}', { ...headers, 'x-cordon-delivery': 'd-1' })).toMatchObject({ status: 202, body: { duplicates: 1 } });
    expect(test.log.stored).toHaveLength(1);
    expect(refusals(test)).toEqual({ replayed: 1 });
  });

  it('refuses a captured request that came without a delivery id under an id of the attacker', async () => {
    const test = await start({ gateway: source() });
    const headers = { 'x-cordon-signature': signatureHeader(key, test.clock.now(), Buffer.from('{"n":1}')) };
    await test.post('gateway', '{"n":1}', headers);
    expect(await test.post('gateway', '{"n":1}', { ...headers, 'x-cordon-delivery': 'd-2' })).toMatchObject({ status: 409, body: { code: 'intake.replayed' } });
    expect(test.log.stored).toHaveLength(1);
  });

  it('takes a repeat without delivery id for the same delivery: the signature names it', async () => {
    const test = await start({ gateway: source() });
    await test.post('gateway', '{"n":1}');
    expect((await test.post('gateway', '{"n":1}')).body).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('accepts any of several active keys', async () => {
    const keys = [{ id: 'new', secret: new Secret('another key') }, { id: 'old', secret: new Secret(SECRET) }];
    const test = await start({ gateway: source({ auth: { type: 'hmac', keys, tolerance: 1000 } }) });
    expect((await test.post('gateway', '{}')).status).toBe(202);
  });

  it('accepts a bearer token of the source and no other', async () => {
    const test = await start({ dlp: bearer });
    expect((await test.post('dlp', '{}', { authorization: `Bearer ${TOKEN}` })).status).toBe(202);
    expect((await test.post('dlp', '{}', { authorization: `Bearer ${TOKEN}x` })).body.code).toBe('intake.unauthenticated');
    expect((await test.post('dlp', '{}')).body.code).toBe('intake.unauthenticated');
    expect(refusals(test)).toEqual({ token_wrong: 1, token_missing: 1 });
  });

  describe('bad input', () => {
    const stale = (ahead: number) => (test: TestIntake, body: string) => ({ 'x-cordon-signature': signatureHeader(key, new Date(test.clock.now().getTime() + ahead), Buffer.from(body)) });
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    it.each<[string, string, string | Buffer, (test: TestIntake, body: string) => Record<string, string>, number, string, string]>([
      ['no signature', 'gateway', '{}', () => ({ 'x-cordon-signature': '' }), 401, 'intake.unauthenticated', 'signature_malformed'],
      ['a wrong signature', 'gateway', '{"a":2}', (test) => ({ 'x-cordon-signature': signatureHeader(key, test.clock.now(), Buffer.from('{"a":1}')) }), 401, 'intake.unauthenticated', 'signature_wrong'],
      ['a malformed signature', 'gateway', '{}', () => ({ 'x-cordon-signature': 't=12,v1=zz' }), 401, 'intake.unauthenticated', 'signature_malformed'],
      ['a stale timestamp', 'gateway', '{}', stale(-301_000), 401, 'intake.unauthenticated', 'timestamp_stale'],
      ['a timestamp of the future', 'gateway', '{}', stale(302_000), 401, 'intake.unauthenticated', 'timestamp_stale'],
      ['an unknown source', 'gateways', '{}', () => ({}), 404, 'intake.unknown_source', 'unknown_source'],
      ['an oversized body', 'gateway', `{"a":"${'x'.repeat(70_000)}"}`, () => ({}), 413, 'intake.body_too_large', 'body_too_large'],
      ['a gzip bomb', 'gateway', gzipSync(Buffer.alloc(3 * 1024 * 1024, 'a')), () => ({ 'content-encoding': 'gzip' }), 413, 'intake.gzip_ratio', 'gzip_ratio'],
      ['a gzip body that is none', 'gateway', 'plain', () => ({ 'content-encoding': 'gzip' }), 400, 'intake.gzip_invalid', 'gzip_invalid'],
      ['a truncated gzip body', 'gateway', gzipSync('{"a":1}').subarray(0, 20), () => ({ 'content-encoding': 'gzip' }), 400, 'intake.gzip_invalid', 'gzip_invalid'],
      ['another encoding', 'gateway', '{}', () => ({ 'content-encoding': 'br' }), 415, 'intake.content_encoding', 'content_encoding'],
      ['invalid JSON', 'gateway', '{"a":}', () => ({}), 400, 'intake.all_rejected', 'all_rejected'],
      ['an array that does not close', 'gateway', '[{"a":1}', () => ({}), 400, 'intake.invalid_json', 'invalid_json'],
      ['nesting that is too deep', 'gateway', deep, () => ({}), 400, 'intake.all_rejected', 'all_rejected'],
      ['invalid UTF-8', 'gateway', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), () => ({}), 400, 'intake.all_rejected', 'all_rejected'],
      ['nothing', 'gateway', ' \n ', () => ({}), 400, 'intake.empty', 'empty'],
      ['an empty array', 'gateway', '[ ]', () => ({}), 400, 'intake.empty', 'empty'],
      ['too many records', 'gateway', '{}\n'.repeat(101), () => ({}), 413, 'intake.too_many_records', 'too_many_records'],
      ['a delivery id with a space', 'gateway', '{}', () => ({ 'x-cordon-delivery': 'a b' }), 400, 'intake.delivery_id', 'delivery_id'],
    ])('refuses %s', async (_, name, body, headers, status, code, reason) => {
      const test = await start({ gateway: source() });
      const answer = await test.post(name, body, headers(test, body.toString()));
      expect(answer).toMatchObject({ status, body: { code, status, type: `urn:cordon:error:${code}` } });
      expect(answer.headers.get('content-type')).toBe(PROBLEM_TYPE);
      expect(test.log.stored).toEqual([]);
      expect(refusals(test)).toEqual({ [reason]: 1 });
    });

    it('stops inflating at the limit whatever the ratio', async () => {
      const test = await start({ gateway: source() }, { maxInflatedBytes: 20_000 });
      const answer = await test.post('gateway', gzipSync('{"a":1}\n'.repeat(3000)), { 'content-encoding': 'gzip' });
      expect(answer).toMatchObject({ status: 413, body: { code: 'intake.body_too_large' } });
    });

    it('refuses a chunked body at the limit', async () => {
      const test = await start({ open: source({ auth: { type: 'none' } }) });
      const chunk = new TextEncoder().encode('x'.repeat(40_000));
      const body = new ReadableStream<Uint8Array>({ start: (controller) => (controller.enqueue(chunk), controller.enqueue(chunk), controller.close()) });
      const answer = await fetch(`${test.url}/v1/intake/open`, { method: 'POST', body, duplex: 'half' });
      expect(await answer.json()).toMatchObject({ code: 'intake.body_too_large' });
      expect(refusals(test)).toEqual({ body_too_large: 1 });
    });

    it('says the same to the sender whatever was wrong with the proof', async () => {
      const test = await start({ gateway: source() });
      const answers = await Promise.all([test.post('gateway', '{}', { 'x-cordon-signature': 't=1,v1=00' }), test.post('gateway', '{}', stale(-9e6)(test, '{}'))]);
      const [first, second] = answers.map(({ body: { instance: _, ...rest } }) => rest);
      expect(first).toEqual(second);
    });
  });

  describe('back-pressure', () => {
    it('answers 429 with Retry-After while the log is down, and stores again afterwards', async () => {
      const test = await start({ gateway: source() });
      test.log.before = () => Promise.reject(new Error('connect ECONNREFUSED'));
      const refused = await test.post('gateway', '{"n":1}', { 'x-cordon-delivery': 'd-1' });
      expect(refused).toMatchObject({ status: 429, body: { code: 'intake.log_unavailable' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      test.log.before = () => {};
      test.clock.advance(2000);
      expect((await test.post('gateway', '{"n":1}', { 'x-cordon-delivery': 'd-1' })).body).toMatchObject({ accepted: 1, duplicates: 0 });
    });

    it('answers 429 before memory grows past the budget, and frees it with the requests', async () => {
      const test = await start({ dlp: bearer }, { queueBytes: 30_000 });
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      test.log.before = () => held;
      const body = `{"a":"${'x'.repeat(9_000)}"}`;
      const answers = Array.from({ length: 6 }, () => test.post('dlp', body, token));
      const early: unknown[] = [];
      for (const answer of answers) void answer.then(({ status, body: { code } }) => early.push([status, code]));
      while (early.length < 3) await new Promise(setImmediate);
      expect(early).toEqual(Array(3).fill([429, 'intake.busy']));
      release();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);
      expect(statuses.sort()).toEqual([202, 202, 202, 429, 429, 429]);
      expect((await test.post('dlp', body, token)).status).toBe(202);
    });

    it('frees the memory of a request that is cut off in the middle', async () => {
      const test = await start({ dlp: bearer }, { queueBytes: 10_000 });
      const socket = begin(test, `POST /v1/intake/dlp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 9000\r\n\r\n${' '.repeat(8000)}`);
      const busy = async () => (await test.post('dlp', `{"a":"${'x'.repeat(5000)}"}`, token)).status;
      while ((await busy()) !== 429) await new Promise(setImmediate);
      socket.destroy();
      let status = 429;
      for (let attempt = 0; status === 429 && attempt < 1000; attempt += 1) status = await busy();
      expect(status).toBe(202);
    });

    it('lets headers alone and the half bodies of a stranger keep nobody out', async () => {
      const test = await start({ gateway: source(), dlp: bearer }, { queueBytes: 80_000 });
      const unsigned = `POST /v1/intake/gateway HTTP/1.1\r\nHost: x\r\nX-Cordon-Signature: t=${test.clock.now().getTime() / 1000},v1=${'0'.repeat(64)}\r\n`;
      const sockets = [
        ...Array.from({ length: 8 }, () => begin(test, `${unsigned}Content-Length: 60000\r\n\r\n`)),
        ...Array.from({ length: 8 }, () => begin(test, `${unsigned}Transfer-Encoding: chunked\r\n\r\n`)),
        ...Array.from({ length: 20 }, () => begin(test, `${unsigned}Content-Length: 9000\r\n\r\n${' '.repeat(8000)}`)),
      ];
      const refused = async () => (await test.telemetry.registry.getSingleMetricAsString('cordon_intake_refused_total')).includes('reason="busy"} 19');
      while (!(await refused())) await new Promise(setImmediate);
      expect(test.intake.heldBytes).toBe(8000);
      expect((await test.post('dlp', `{"a":"${'x'.repeat(16_000)}"}`, token)).status).toBe(202);
      expect((await test.post('gateway', '{"a":1}')).status).toBe(202);
      for (const socket of sockets) socket.destroy();
    });

    it('holds what gzip bodies inflate to against the budget', async () => {
      const test = await start({ dlp: bearer }, { queueBytes: 1_000_000 });
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      let waiting = 0;
      test.log.before = () => ((waiting += 1), held);
      const zipped = gzipSync(`{"a":"${'x'.repeat(4000)}"}\n`.repeat(100));
      const answers = Array.from({ length: 8 }, () => test.post('dlp', zipped, { ...token, 'content-encoding': 'gzip' }));
      const early: number[] = [];
      for (const answer of answers) void answer.then(({ status }) => early.push(status));
      while (waiting === 0 || early.length < 6) await new Promise(setImmediate);
      expect(test.intake.heldBytes).toBeLessThanOrEqual(1_000_000);
      release();
      expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([202, 202, 429, 429, 429, 429, 429, 429]);
      expect(test.intake.heldBytes).toBe(0);
    });

    it('holds the memory of a delivery until it is stored, also when its sender has gone', async () => {
      const test = await start({ dlp: bearer });
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      let waiting = 0;
      test.log.before = () => ((waiting += 1), held);
      const gone = new Promise((resolve) => test.server.server.once('request', (_, response) => response.once('close', () => setImmediate(resolve))));
      const socket = begin(test, `POST /v1/intake/dlp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 7\r\n\r\n{"a":1}`);
      while (waiting === 0) await new Promise(setImmediate);
      socket.destroy();
      await gone;
      expect(test.intake.heldBytes).toBe(7);
      release();
      while (test.intake.heldBytes > 0) await new Promise(setImmediate);
    });

    it('answers 429 while the disk is below its floor, and takes records again above it', async () => {
      let free = 50;
      const diskFloor = new DiskFloor(100, () => Promise.resolve(free));
      const test = await start({ gateway: source() }, {}, { diskFloor });
      await diskFloor.check();
      expect(await test.post('gateway', '{}')).toMatchObject({ status: 429, body: { code: 'intake.disk_full' } });
      free = 100;
      await diskFloor.check();
      expect((await test.post('gateway', '{}')).status).toBe(202);
      expect(await freeBytes('/')).toBeGreaterThan(0);
    });

    it('holds a source to its quota and says when to come back', async () => {
      const test = await start({ small: source({ quota: 2, dedupe: 'none' }), other: source() });
      for (let n = 0; n < 4; n += 1) expect((await test.post('small', `{"n":${n}}`)).status).toBe(202);
      const refused = await test.post('small', '{"n":5}');
      expect(refused).toMatchObject({ status: 429, body: { code: 'intake.quota' } });
      expect((await test.post('other', '{}')).status).toBe(202);
      test.clock.advance(Number(refused.headers.get('retry-after')) * 1000);
      expect((await test.post('small', '{"n":6}')).status).toBe(202);
    });
  });

  it('keeps a planted secret out of everything that is stored or answered', async () => {
    const policy = source({
      fieldPolicy: [
        { path: 'user.password', action: 'drop', class: 'default' },
        { path: 'headers.*', action: 'mask', class: 'default' },
        { path: 'user.email', action: 'tokenise', class: 'email' },
      ],
    });
    const test = await start({ gateway: policy, text: { ...policy, stream: 'test.text' } });
    const records = [
      '{"user":{"password":"hunter2","email":"a@example.com"},"headers":{"Authorization":"hunter2"}}',
      '{"USER":[{"pass\\u0077ord":"\\u0068unter2"}],"user.password":["hunter2"]}',
      '{"user":{"password":"hunter2"},"user":{"password":{"v":"hunter2"}}}',
    ];
    const answers = [await test.post('gateway', `[${records.join(',')}]`), await test.post('text', records.join('\n'))];
    expect(answers.map(({ body }) => body.accepted)).toEqual([3, 3]);
    expect(JSON.stringify([answers, bodies(test)])).not.toMatch(/hunter2|unter2/);
    expect(await test.post('text', 'user.password=hunter2')).toMatchObject({ status: 400, body: { rejected: [{ code: 'intake.policy_needs_json' }] } });
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('answers %s with 405 and the methods that work', async (method) => {
    const test = await start({ gateway: source() });
    const answer = await fetch(`${test.url}/v1/intake/gateway`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});
