import { afterEach, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { CordonError } from '../../kernel/index.js';
import { Telemetry } from '../telemetry/index.js';
import { installHttpShell, serverOptions } from './http-shell.js';
import { ProblemSender } from './problem-sender.js';
import { problemReply } from './problem.js';
import type { Authoriser } from './route-access.js';
import { refuseUnmatched, type RouteTable } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';

const refusal = new CordonError('test.no', { status: 401, title: 'No.', remedy: 'Ask.' }, { headers: { 'www-authenticate': 'Bearer' } });
const deny: Authoriser = { authorise: () => Promise.reject(refusal), authoriseSession: () => Promise.reject(refusal) };
const allow: Authoriser = {
  authorise: () => Promise.resolve({ actor: 'key:1', name: 'test', roles: ['viewer'], person: null }),
  authoriseSession: () => Promise.resolve({ actor: 'key:2', name: 'page', roles: ['viewer'], person: null }),
};

let server: FastifyInstance | undefined;
afterEach(() => server?.close());

const logged: string[] = [];

function make(authoriser: Authoriser): { app: FastifyInstance; routes: RouteTable } {
  const app = Fastify(serverOptions());
  server = app;
  logged.length = 0;
  const problems = new ProblemSender(new Telemetry({ stream: { write: (line) => void logged.push(line) } }));
  const routes = installHttpShell(app, authoriser);
  app.setErrorHandler((error, request, reply) => problems.send(error, request, reply));
  app.setNotFoundHandler((request, reply) => problems.send(refuseUnmatched(routes, request, reply), request, reply));
  return { app, routes };
}

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

describe('HTTP shell', () => {
  it('does not start with a route that has no access decision', () => {
    const { app } = make(allow);
    expect(() => app.get('/v1/anything', () => ({}))).toThrow(expect.objectContaining({ code: 'http.route_without_access' }));
  });

  it('does not start with a public route that the public table does not list', () => {
    const { app } = make(allow);
    expect(() => app.get('/v1/anything', { config: { access: { public: 'because' } } }, () => ({}))).toThrow(/not in the public table/);
    expect(() => app.get('/healthz', { config: { access: { public: 'liveness' } } }, () => ({}))).not.toThrow();
  });

  it('asks the authoriser before the body is read, and hands the principal to the handler', async () => {
    const { app } = make(allow);
    app.post('/v1/things', { config: { access: { permission: 'signals.read' } } }, (request) => ({ actor: request.principal?.actor }));
    const answer = await fetch(`${await listen(app)}/v1/things`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(await answer.json()).toEqual({ actor: 'key:1' });
  });

  it('knows the caller of a page by the cookie alone', async () => {
    const { app } = make(allow);
    app.get('/page', { config: { access: { permission: 'signals.read', by: 'session' } } }, (request) => ({ actor: request.principal?.actor }));
    expect(await (await fetch(`${await listen(app)}/page`, { headers: { authorization: 'Bearer x' } })).json()).toEqual({ actor: 'key:2' });
  });

  it('answers a refusal as a problem document with its headers', async () => {
    const { app } = make(deny);
    app.post('/v1/things', { config: { access: { permission: 'signals.read' } } }, () => ({}));
    const answer = await fetch(`${await listen(app)}/v1/things`, { method: 'POST', body: '{ not json', headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await answer.json()).toMatchObject({ type: 'urn:cordon:error:test.no', title: 'No.', status: 401, code: 'test.no', remedy: 'Ask.' });
  });

  it('sets the security headers on every answer', async () => {
    const { app } = make(deny);
    app.get('/v1/things', { config: { access: { permission: 'signals.read' } } }, () => ({}));
    const url = await listen(app);
    for (const path of ['/v1/things', '/nowhere']) {
      const { headers } = await fetch(url + path);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) expect({ path, name, value: headers.get(name) }).toEqual({ path, name, value });
    }
  });

  it.each([
    ['http.not_found', 404, '/nowhere', { method: 'GET' }],
    ['http.method_not_allowed', 405, '/v1/things/7', { method: 'DELETE' }],
    ['http.body_too_large', 413, '/v1/things/7', { method: 'POST', body: 'x'.repeat(300_000), headers: { 'content-type': 'application/json' } }],
    ['http.unsupported_media_type', 415, '/v1/things/7', { method: 'POST', body: 'x', headers: { 'content-type': 'application/pdf' } }],
    ['http.bad_request', 400, '/v1/things/7', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
    ['http.internal', 500, '/v1/things/7', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
  ])('answers %s with %i', async (code, status, path, init) => {
    const { app } = make(allow);
    app.post('/v1/things/:id', { config: { access: { permission: 'signals.read' } } }, () => {
      throw new Error('secret of the server');
    });
    const answer = await fetch((await listen(app)) + path, init);
    const text = await answer.text();
    expect({ status: answer.status, ...JSON.parse(text) }).toMatchObject({ status, code });
    expect(text).not.toContain('secret of the server');
    expect(logged.some((line) => line.includes('secret of the server'))).toBe(status === 500);
  });

  it.each([
    [408, 'http.timeout'],
    [503, 'http.unavailable'],
    [418, 'http.bad_request'],
  ])('gives a foreign error of status %i the code %s', (statusCode, code) => {
    expect(problemReply(Object.assign(new Error('x'), { statusCode }), 'r').body.code).toBe(code);
  });

  it('names the request in the document by an id that the client does not choose', async () => {
    const { app } = make(allow);
    const answer = await fetch(`${await listen(app)}/nowhere`, { headers: { 'request-id': 'mine', 'x-request-id': 'mine' } });
    expect(((await answer.json()) as { instance: string }).instance).toMatch(/^urn:cordon:request:[0-9a-f-]{36}$/);
  });
});
