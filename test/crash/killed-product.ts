import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

const SECRET = 'crash-gateway-secret-of-enough-length';
const CONFIG = `
intake: { minFreeBytes: 0 }
detect: { checkpointInterval: 50ms }
audit: { digestInterval: 50ms, checkpointInterval: 50ms }
sources:
  gateway:
    stream: cordon.gateway
    auth: { type: hmac, keys: [{ id: first, secret: "file:gateway.key" }] }
`;
const GIVE_UP_MS = 30_000;

/** A product that is killed and started again on the same database, and a sender that retries until each delivery is acknowledged. */
export class KilledProduct {
  #child: ChildProcess | undefined;
  #port = 0;
  /** Signals that ended the process so far. */
  readonly deaths: (string | null)[] = [];

  private constructor(
    private readonly root: string,
    readonly database: TestDatabase,
  ) {}

  static async create(rules: string): Promise<KilledProduct> {
    const root = mkdtempSync(path.join(tmpdir(), 'cordon-crash-'));
    mkdirSync(path.join(root, 'rules'));
    writeFileSync(path.join(root, 'rules', 'rules.yml'), rules);
    writeFileSync(path.join(root, 'gateway.key'), SECRET);
    writeFileSync(path.join(root, 'cordon.yaml'), CONFIG);
    return new KilledProduct(root, await createTestDatabase());
  }

  /** Starts the process; `crashPoint` is NAME or NAME:COUNT. A death on the way up is followed by a start without it. */
  async start(crashPoint?: string): Promise<void> {
    const { ownerUrl, appUrl } = this.database;
    const child = spawn(process.execPath, ['test/crash/crash-server.mjs', path.join(this.root, 'cordon.yaml')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, CORDON_TEST_LOG: process.env.CORDON_TEST_LOG ?? 'error', CORDON_TEST_CRASH_DATABASE: JSON.stringify({ ownerUrl, appUrl }), ...(crashPoint ? { CORDON_CRASH_POINT: crashPoint } : {}) },
    });
    this.#child = child;
    const ended = once(child, 'exit').then(([, signal]) => {
      this.deaths.push(signal as string | null);
      if (this.#child === child) this.#child = undefined;
    });
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout })) return (JSON.parse(line) as { port: number }).port;
      return undefined;
    })();
    const port = await Promise.race([ready, ended.then(() => undefined)]);
    if (port === undefined) {
      await ended;
      if (crashPoint === undefined) throw new Error('the product did not start');
      await this.start();
      return;
    }
    this.#port = port;
  }

  /** Sends a delivery until it is acknowledged, starting the product again whenever it is gone. */
  async deliver(delivery: string, record: object): Promise<void> {
    const body = JSON.stringify(record);
    const deadline = performance.now() + GIVE_UP_MS;
    while (performance.now() < deadline) {
      if (!this.#child) await this.start();
      try {
        const response = await fetch(`http://127.0.0.1:${this.#port}/v1/intake/gateway`, { method: 'POST', body, headers: this.#headers(delivery, body) });
        if (response.status === 202) return;
        if (response.status !== 429) throw new Error(`unexpected answer ${response.status}: ${await response.text()}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('unexpected answer')) throw error;
      }
      await sleep(20);
    }
    throw new Error(`${delivery} was not acknowledged in time`);
  }

  /** Keeps the product running until `done`, since the armed point may lie behind the acknowledgement. */
  async runUntil(done: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + GIVE_UP_MS;
    while (!(await done())) {
      if (performance.now() > deadline) throw new Error('the product did not get there in time');
      if (!this.#child) await this.start();
      await sleep(20);
    }
  }

  async destroy(): Promise<void> {
    const child = this.#child;
    if (child) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await this.database.drop();
    rmSync(this.root, { recursive: true, force: true });
  }

  #headers(delivery: string, body: string): Record<string, string> {
    const t = Math.floor(Date.now() / 1000);
    const v1 = createHmac('sha256', SECRET).update(`${t}.`).update(body).digest('hex');
    return { 'content-type': 'application/json', 'x-cordon-delivery': delivery, 'x-cordon-signature': `t=${t},v1=${v1}` };
  }
}
