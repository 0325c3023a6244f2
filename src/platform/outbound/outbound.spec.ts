import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/index.js';
import { ActionFailure, isCordonError, type HttpRequest } from '../../kernel/index.js';
import { silentTelemetry } from '../telemetry/index.js';
import type { Resolver } from './guarded-connect.js';
import { Outbound } from './outbound.js';

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
const http = (listener: RequestListener) => listen(createHttpServer(listener));
const tcp = (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket));

interface Settings extends Record<string, unknown> {
  readonly resolve?: Resolver;
  readonly now?: () => number;
}

function outbound({ resolve, now, ...settings }: Settings = {}) {
  const telemetry = silentTelemetry();
  const overrides = Object.fromEntries(Object.entries({ allow: ['127.0.0.1'], ...settings }).map(([key, value]) => [`outbound.${key}`, value]));
  const made = new Outbound({ config: loadConfig({ root: tmpdir(), overrides }), telemetry, ...(resolve ? { resolve } : {}), ...(now ? { now } : {}) });
  open.push(() => made.close());
  return { telemetry, outbound: made, http: made.http, get: (url: string, more: Partial<HttpRequest> = {}) => made.http.request({ method: 'GET', url, ...more }) };
}

async function failure(promise: Promise<unknown>) {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ActionFailure) || !isCordonError(error.cause)) throw new Error(`expected a catalogued ActionFailure, got ${inspect(error)}`);
  return { error, seen: [error.cause.code, error.code, error.retryable, error.notSent] };
}

const REFUSED = ['outbound.address_refused', 'REFUSED_BY_TARGET', false, true];
const TIMEOUT = ['outbound.timeout', 'TIMEOUT', true, false];
const LOST = ['outbound.connection_lost', 'UNKNOWN_OUTCOME', true, false];

describe('addresses', () => {
  it.each([
    'http://127.0.0.1/', 'http://localhost/', 'http://[::1]/', 'http://2852039166/latest/meta-data', 'http://0xa9fea9fe/', 'http://0xa9.0xfe.0xa9.0xfe/', 'http://0251.0376.0251.0376/',
    'http://169.254.169.254/', 'http://[::ffff:169.254.169.254]/', 'http://[::ffff:a9fe:a9fe]/', 'http://[64:ff9b::a9fe:a9fe]/', 'http://[fd00:ec2::254]/', 'http://127.1/', 'http://0/',
  ])('%s is refused before anything is sent', async (url) => {
    expect((await failure(outbound({ allow: [] }).get(url))).seen).toEqual(REFUSED);
  });

  it.each(['2852039166', '0x7f.1', '0177.0.0.1', 'localhost', '[::1]'])('a TCP connection to %s is refused', async (host) => {
    expect((await failure(outbound({ allow: [] }).outbound.connect({ host, port: 25 }))).seen).toEqual(REFUSED);
  });

  it('a name is asked once and the answer is what is called', async () => {
    const answers = [['127.0.0.1'], ['198.51.100.7']];
    const port = await http((_, response) => response.end('first'));
    const { get } = outbound({ resolve: async () => answers.shift()! });
    expect((await get(`http://target.example:${port}/`)).text).toBe('first');
    expect(answers).toHaveLength(1);
  });

  it('a name that turns private after its first answer is not called (DNS rebinding)', async () => {
    let asked = 0;
    const port = await http((_, response) => response.end('inside'));
    const { get } = outbound({ allow: [], connectTimeout: '300ms', resolve: async () => [asked++ === 0 ? '198.51.100.7' : '127.0.0.1'] });
    // 198.51.100.0/24 is for documentation: it is not called either.
    const seen = [await failure(get(`http://target.example:${port}/`)), await failure(get(`http://target.example:${port}/`))].map(({ error }) => error.message);
    expect(seen).toEqual([expect.stringContaining('198.51.100.7'), expect.stringContaining('127.0.0.1')]);
    expect(asked).toBe(2);
  });

  it('one private address among public ones is enough to refuse', async () => {
    const { error } = await failure(outbound({ allow: [], resolve: async () => ['8.8.8.8', '10.0.0.1'] }).get('http://target.example/'));
    expect(error.message).toContain('target.example:80 is 10.0.0.1');
  });

  it('a redirect is an answer and is not followed', async () => {
    let calls = 0;
    const inside = await http((_, response) => {
      calls += 1;
      response.end();
    });
    const port = await http((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${inside}/` }).end());
    expect((await outbound().get(`http://127.0.0.1:${port}/`)).status).toBe(302);
    expect(calls).toBe(0);
  });

  it('a proxy of the environment is not asked', async () => {
    const port = await http((_, response) => response.end('direct'));
    process.env['http_proxy'] = 'http://127.0.0.1:1';
    try {
      expect((await outbound().get(`http://127.0.0.1:${port}/`)).text).toBe('direct');
    } finally {
      delete process.env['http_proxy'];
    }
  });

  it.each(['ftp://example.com/', '/relative', 'http://user:planted-pw@example.com/'])('%s is no address to send to', async (url) => {
    const { seen, error } = await failure(outbound().get(url));
    expect(seen).toEqual(['outbound.request_invalid', 'INPUT_INVALID', false, true]);
    expect(error.message).not.toContain('planted');
  });

  it('a name without address says so', async () => {
    const unknown = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    expect((await failure(outbound({ resolve: unknown }).get('http://nowhere.example/'))).seen).toEqual(['outbound.name_unknown', 'REFUSED_BY_TARGET', true, true]);
    expect((await failure(outbound({ resolve: async () => [] }).get('http://nowhere.example/'))).seen[0]).toBe('outbound.name_unknown');
  });
});

describe('requests', () => {
  it('send what was given and give what came', async () => {
    const seen: unknown[] = [];
    const port = await http((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers['content-type'], request.headers['user-agent'], Buffer.concat(chunks).toString()]);
        response.writeHead(200, { 'X-Trace': 'a', 'retry-after': '3', 'content-encoding': 'gzip' }).end(gzipSync('{"ok":true}'));
      });
    });
    const { http: client } = outbound();
    const url = `http://127.0.0.1:${port}/p?q=1`;
    const response = await client.request({ method: 'POST', url, body: { a: 1 } });
    expect(response).toMatchObject({ status: 200, headers: { 'x-trace': 'a' }, json: { ok: true }, retryAfterMs: 3000 });
    await client.request({ method: 'PATCH', url, body: 'a=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    await client.request({ method: 'PUT', url, body: Buffer.from([1]) });
    await client.request({ method: 'GET', url });
    expect(seen).toEqual([
      ['POST', '/p?q=1', 'application/json', 'Cordon', '{"a":1}'],
      ['PATCH', '/p?q=1', 'application/x-www-form-urlencoded', 'Cordon', 'a=1'],
      ['PUT', '/p?q=1', 'application/octet-stream', 'Cordon', '\u0001'],
      ['GET', '/p?q=1', undefined, 'Cordon', ''],
    ]);
  });

  it('reuse a connection', async () => {
    const sockets = new Set<unknown>();
    const port = await http((request, response) => {
      sockets.add(request.socket);
      response.end();
    });
    const { get } = outbound();
    for (let i = 0; i < 5; i += 1) await get(`http://127.0.0.1:${port}/`);
    expect(sockets.size).toBe(1);
  });

  it('end at the limit of size, also of what compression hid', async () => {
    const port = await http((request, response) => {
      if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
      else response.end(Buffer.alloc(2_000));
    });
    const { get } = outbound({ maxResponseBytes: 1_000 });
    for (const place of ['', 'gzip']) {
      expect((await failure(get(`http://127.0.0.1:${port}/${place}`))).seen).toEqual(['outbound.answer_too_large', 'UNKNOWN_OUTCOME', false, false]);
    }
  });

  it('end in time where the target never answers, and where it drips', async () => {
    const silent = await tcp(() => undefined);
    const dripping = await http((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    for (const port of [silent, dripping]) expect((await failure(outbound({ timeout: '200ms' }).get(`http://127.0.0.1:${port}/`))).seen).toEqual(TIMEOUT);
  });

  it('end when the caller gives up', async () => {
    const port = await tcp(() => undefined);
    const given = new AbortController();
    const waiting = failure(outbound().get(`http://127.0.0.1:${port}/`, { signal: given.signal }));
    setTimeout(() => given.abort(), 50);
    expect((await waiting).seen).toEqual(['outbound.given_up', 'TIMEOUT', true, false]);
    expect((await failure(outbound().get(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort() }))).seen).toEqual(['outbound.given_up', 'TIMEOUT', true, true]);
  });

  it('tell a request that may have arrived from one that cannot have', async () => {
    const cut = await tcp((socket) => void socket.once('data', () => socket.destroy()));
    const halfAnswer = await tcp((socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')));
    const noHttp = await tcp((socket) => void socket.once('data', () => socket.end('220 mail.example ESMTP\r\n')));
    const closed = await tcp(() => undefined);
    open.splice(0).forEach((close, index) => (index === 3 ? close() : open.push(close)));
    const { get } = outbound();
    expect((await failure(get(`http://127.0.0.1:${cut}/`))).seen).toEqual(LOST);
    expect((await failure(get(`http://127.0.0.1:${halfAnswer}/`))).seen).toEqual(LOST);
    expect((await failure(get(`http://127.0.0.1:${noHttp}/`))).seen).toEqual(['outbound.answer_unreadable', 'UNKNOWN_OUTCOME', true, false]);
    expect((await failure(get(`http://127.0.0.1:${closed}/`))).seen).toEqual(['outbound.not_reachable', 'REFUSED_BY_TARGET', true, true]);
  });

  it('give up on a connection that does not come about', async () => {
    const { get } = outbound({ connectTimeout: '100ms', resolve: () => new Promise(() => undefined) });
    expect((await failure(get('http://slow.example/'))).seen).toEqual(['outbound.connect_timeout', 'TIMEOUT', true, true]);
  });

  it('never repeat a secret', async () => {
    const port = await tcp((socket) => void socket.once('data', () => socket.destroy()));
    const planted = { method: 'POST', url: `http://127.0.0.1:${port}/planted-path?k=planted-query`, headers: { authorization: 'Bearer planted-token' }, body: 'planted-body' } as const;
    const { http: client, telemetry } = outbound();
    const { error } = await failure(client.request(planted));
    const badHeader = await failure(client.request({ ...planted, headers: { authorization: 'planted\r\nx: y' } }));
    expect(badHeader.seen).toEqual(['outbound.request_invalid', 'INPUT_INVALID', false, true]);
    for (const text of [inspect(error, { depth: 10 }), inspect(badHeader.error, { depth: 10 }), await telemetry.registry.metrics()]) expect(text).not.toContain('planted');
  });
});

describe('the circuit breaker', () => {
  it('leaves an origin alone after failures in a row, and tries again after the pause', async () => {
    let status = 500;
    let calls = 0;
    const port = await http((_, response) => {
      calls += 1;
      response.writeHead(status).end();
    });
    let time = 0;
    const { get, telemetry } = outbound({ 'breaker.failures': 3, 'breaker.pause': '10s', now: () => time });
    const url = `http://127.0.0.1:${port}/`;
    const state = async () => /cordon_outbound_circuit_state\{[^}]*\} (\d)/.exec(await telemetry.registry.metrics())?.[1];
    for (let i = 0; i < 3; i += 1) expect((await get(url)).status).toBe(500);
    time = 4_000;
    const { seen, error } = await failure(get(url));
    expect([seen, error.retryAfterMs, calls, await state()]).toEqual([['outbound.circuit_open', 'REFUSED_BY_TARGET', true, true], 6_000, 3, '2']);
    time = 10_000;
    status = 404;
    expect([(await get(url)).status, (await get(url)).status, await state()]).toEqual([404, 404, '0']);
  });

  it('does not take a refusal of ours for a failure of the target', async () => {
    const { get } = outbound({ allow: [], 'breaker.failures': 1 });
    for (let i = 0; i < 3; i += 1) expect((await failure(get('http://127.0.0.1:9/'))).seen).toEqual(REFUSED);
  });
});

describe('certificates', () => {
  const pem = (name: string) => path.resolve('test/harness/tls', name);
  const https = () =>
    listen(createHttpsServer({ key: readFileSync(pem('server.key')), cert: readFileSync(pem('server.pem')) }, (request, response) => response.end(`${(request.socket as TLSSocket).servername}`)));

  it('are trusted when their authority is configured, for the name that was asked for and no other', async () => {
    const port = await https();
    const trusting = outbound({ ca: pem('server.pem'), resolve: async () => ['127.0.0.1'] });
    expect((await trusting.get(`https://target.example:${port}/`)).text).toBe('target.example');
    expect((await trusting.get(`https://127.0.0.1:${port}/`)).status).toBe(200);
    const refused = ['outbound.not_trusted', 'REFUSED_BY_TARGET', false, true];
    expect((await failure(trusting.get(`https://other.example:${port}/`))).seen).toEqual(refused);
    expect((await failure(outbound().get(`https://127.0.0.1:${port}/`))).seen).toEqual(refused);
    const socket = await trusting.outbound.connect({ host: 'target.example', port, tls: true });
    expect((socket as TLSSocket).authorized).toBe(true);
    socket.destroy();
  });

  it('a file of authorities that cannot be used ends the start', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'cordon-ca-'));
    const file = path.join(folder, 'ca.pem');
    const code = (ca: string) => {
      try {
        return outbound({ ca }) && 'none';
      } catch (error) {
        return isCordonError(error) ? error.code : String(error);
      }
    };
    writeFileSync(file, 'no certificate');
    expect([code(path.join(folder, 'absent.pem')), code(file)]).toEqual(['outbound.ca_unreadable', 'outbound.ca_unreadable']);
  });
});
