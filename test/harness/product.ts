import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config/index.js';
import { connectors as shipped } from '../../src/connectors.js';
import { CordonApp } from '../../src/create-app.js';
import { ApiKeyService } from '../../src/access/index.js';
import type { Clock } from '../../src/kernel/index.js';
import { silentTelemetry } from '../../src/platform/index.js';
import type { Connector } from '../../src/sdk/index.js';
import { createTestDatabase, type TestDatabase } from './database.js';

export { eventually } from './eventually.js';

export const GATEWAY_SECRET = 'e2e-gateway-secret-of-enough-length';

export interface ProductOptions {
  /** Sigma rules by file name; default none. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Text below `sources:`; default one signed source `gateway` of stream cordon.gateway. */
  readonly sources?: string;
  /** Further configuration as YAML. */
  readonly config?: string;
  readonly clock?: Clock;
  /** Connectors in place of the shipped ones. */
  readonly connectors?: readonly Connector[];
  /** Database and folder of a product that was closed, to start again on. */
  readonly again?: Product;
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
    /** Key of an engineer. */
    readonly key: string,
  ) {}

  static async start({ rules = {}, sources = SOURCES, config = '', clock, connectors = shipped, again }: ProductOptions = {}): Promise<Product> {
    const root = again?.root ?? mkdtempSync(path.join(tmpdir(), 'cordon-product-'));
    if (!again || Object.keys(rules).length > 0) rmSync(path.join(root, 'rules'), { recursive: true, force: true });
    mkdirSync(path.join(root, 'rules'), { recursive: true });
    for (const [name, text] of Object.entries(rules)) writeFileSync(path.join(root, 'rules', name), text);
    writeFileSync(path.join(root, 'gateway.key'), GATEWAY_SECRET);
    const file = path.join(root, 'cordon.yaml');
    writeFileSync(file, `server: { port: 0 }\nintake: { minFreeBytes: 0 }\n${config}\nsources:${sources}`);
    const settings = loadConfig({ root, file, connectors });
    const database = again?.database ?? (await createTestDatabase());
    const app = await CordonApp.create({ config: settings, telemetry: silentTelemetry(), database, connectors, ...(clock ? { clock } : {}) }).catch(async (error: unknown) => {
      if (!again) await database.drop();
      throw error;
    });
    const { host, port } = await app.listen('127.0.0.1', 0);
    const { text } = await app.nest.get(ApiKeyService).create({ name: 'test engineer', roles: ['engineer'] }, 'system:test');
    return new Product(root, database, app, `http://${host}:${port}`, text);
  }

  /** Ends the product and leaves its database for `again`. */
  close(): Promise<void> {
    return this.app.close();
  }

  async stop(): Promise<void> {
    await this.close();
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

  /** An API call as an engineer. */
  async get<T>(address: string): Promise<T> {
    const response = await this.call('GET', address);
    if (!response.ok) throw new Error(`GET ${address}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  call(method: string, address: string, body?: unknown): Promise<Response> {
    const headers = { authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    return fetch(this.url + address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }
}
