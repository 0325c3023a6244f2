import Fastify, { type FastifyInstance } from 'fastify';
import { createSecretKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Secret, type ResolvedSource } from '../../src/config/index.js';
import { ManualClock } from '../../src/kernel/index.js';
import { installHttpShell, ProblemSender, refuseUnmatched, serverOptions, Telemetry, type Authoriser, type RouteTable } from '../../src/platform/index.js';
import { Intake, type IntakeLimits, type IntakeParts } from '../../src/intake/intake.js';
import { registerIntakeRoutes } from '../../src/intake/intake.routes.js';
import { signatureHeader } from '../../src/intake/signature.js';
import { compileSources } from '../../src/intake/sources.js';
import { FakeEventLog } from './fake-event-log.js';

export const SECRET = 'a-key-of-the-tests-that-signs-deliveries';
export const TOKEN = 'a-bearer-token-of-the-tests';
export const DEDUPE_KEY = Buffer.alloc(32, 1);
export const TOKEN_KEY = Buffer.alloc(32, 2);

const FIVE_MINUTES = 300_000;

export function source(overrides: Partial<ResolvedSource> = {}): ResolvedSource {
  const keys = [{ id: 'main', secret: new Secret(SECRET) }];
  return { stream: 'cordon.gateway', auth: { type: 'hmac', keys, tolerance: FIVE_MINUTES }, dedupe: 'delivery', fieldPolicy: [], quota: 0, lateness: FIVE_MINUTES, ...overrides };
}

export const LIMITS: IntakeLimits = {
  maxBodyBytes: 64 * 1024,
  maxInflatedBytes: 4 * 1024 * 1024,
  maxRecordBytes: 16 * 1024,
  maxRecords: 100,
  maxDepth: 20,
  commitRecords: 50,
  queueBytes: 256 * 1024,
};

export interface TestIntake {
  readonly url: string;
  readonly server: FastifyInstance;
  readonly routes: RouteTable;
  readonly intake: Intake;
  readonly log: FakeEventLog;
  readonly clock: ManualClock;
  readonly telemetry: Telemetry;
  /** Posts with a fresh signature unless `headers` bring one. */
  post(name: string, body: string | Buffer, headers?: Record<string, string>): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

const refuse = () => Promise.reject(new TypeError('no route of this server needs a key'));
const NOBODY: Authoriser = { authorise: refuse, authoriseSession: refuse };

/** The intake behind the real HTTP shell on a free port, over the fake log and a clock that the test moves. */
export async function startIntake(sources: Record<string, ResolvedSource>, limits: Partial<IntakeLimits> = {}, parts: Partial<IntakeParts> = {}): Promise<TestIntake> {
  const clock = new ManualClock(new Date('2026-03-01T12:00:00Z'));
  const telemetry = new Telemetry({ level: 'silent' });
  const log = new FakeEventLog();
  const merged = { ...LIMITS, ...limits };
  const compiled = compileSources(sources, { tokenKey: TOKEN_KEY, formatOf: (stream) => (stream === 'test.text' ? 'text' : 'json'), now: clock.now() });
  const intake = new Intake({ sources: compiled, limits: merged, log, clock, telemetry, dedupeKey: DEDUPE_KEY, ...parts });
  const server = Fastify(serverOptions());
  const problems = new ProblemSender(telemetry);
  const routes = installHttpShell(server, NOBODY);
  server.setNotFoundHandler((request, reply) => problems.send(refuseUnmatched(routes, request, reply), request, reply));
  registerIntakeRoutes(server, intake, problems);
  await server.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const key = createSecretKey(Buffer.from(SECRET));
  return {
    url,
    server,
    routes,
    intake,
    log,
    clock,
    telemetry,
    async post(name, body, headers = {}) {
      const bytes = Buffer.from(body);
      const response = await fetch(`${url}/v1/intake/${name}`, {
        method: 'POST',
        body: new Uint8Array(bytes),
        headers: { 'x-cordon-signature': signatureHeader(key, clock.now(), bytes), ...headers },
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
    },
    close: () => server.close(),
  };
}
