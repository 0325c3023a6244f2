import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config/index.js';
import { connectors } from '../../src/connectors.js';
import { CordonApp } from '../../src/create-app.js';
import { ADMIN_KEY_FILE } from '../../src/access/index.js';
import type { Clock } from '../../src/kernel/index.js';
import { silentTelemetry } from '../../src/platform/index.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { readFileSync } from 'node:fs';

export const GATEWAY_SECRET = 'e2e-gateway-secret-of-enough-length';

export interface ProductOptions {
  /** Sigma rules by file name; default none. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Text below `sources:`; default one signed source `gateway` of stream cordon.gateway. */
  readonly sources?: string;
  /** Further configuration as YAML. */
  readonly config?: string;
  readonly clock?: Clock;
}

const SOURCES = `
  gateway:
    stream: cordon.gateway
    auth: { type: hmac, keys: [{ id: first, secret: "file:gateway.key" }] }
`;

/** The composed product in this process, on a database of its own, with a client that signs. */
export class Product {
  private constructor(
    readonly root: string,
    readonly database: TestDatabase,
    readonly app: CordonApp,
    readonly url: string,
    readonly adminKey: string,
  ) {}

  static async start({ rules = {}, sources = SOURCES, config = '', clock }: ProductOptions = {}): Promise<Product> {
    const root = mkdtempSync(path.join(tmpdir(), 'cordon-product-'));
    mkdirSync(path.join(root, 'rules'));
    for (const [name, text] of Object.entries(rules)) writeFileSync(path.join(root, 'rules', name), text);
    writeFileSync(path.join(root, 'gateway.key'), GATEWAY_SECRET);
    const file = path.join(root, 'cordon.yaml');
    writeFileSync(file, `server: { port: 0 }\nintake: { minFreeBytes: 0 }\n${config}\nsources:${sources}`);
    const database = await createTestDatabase();
    const app = await CordonApp.create({
      config: loadConfig({ root, file }),
      telemetry: silentTelemetry(),
      database,
      connectors,
      ...(clock ? { clock } : {}),
    });
    const { host, port } = await app.listen('127.0.0.1', 0);
    const adminKey = readFileSync(path.join(root, 'data', ADMIN_KEY_FILE), 'utf8').trim();
    return new Product(root, database, app, `http://${host}:${port}`, adminKey);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.database.drop();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Posts a body to a source, signed now unless headers say otherwise. */
  send(body: unknown, { source = 'gateway', delivery = randomUUID(), headers = {} }: { source?: string; delivery?: string; headers?: Record<string, string> } = {}): Promise<Response> {
    const bytes = typeof body === 'string' ? body : JSON.stringify(body);
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', GATEWAY_SECRET).update(`${t}.`).update(bytes).digest('hex');
    return fetch(`${this.url}/v1/intake/${source}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-cordon-delivery': delivery, 'x-cordon-signature': `t=${t},v1=${v1}`, ...headers },
      body: bytes,
    });
  }

  /** An API call as the admin. */
  async get<T>(address: string): Promise<T> {
    const response = await this.call('GET', address);
    if (!response.ok) throw new Error(`GET ${address}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  call(method: string, address: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.adminKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    return fetch(this.url + address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }
}

const WAIT_MS = 10_000;
const POLL_MS = 20;

/** Polls until `look` gives something; fails with the last thing seen. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
