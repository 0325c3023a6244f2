import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clone } from '../harness/clone.js';

const LIMIT = 240_000;

let clone: Clone;
let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'cordon-demo-test-'));
  // The embedded database's user has to get through here.
  chmodSync(temporary, 0o711);
  // Where a demo would stop at a taken port or another installation's database if it read these.
  clone = new Clone({ TMPDIR: temporary, CORDON_SERVER_PORT: '1', CORDON_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
}, LIMIT);

afterAll(() => {
  clone.remove();
  rmSync(temporary, { recursive: true, force: true });
});

/** `npm run demo` in a group of its own, as a terminal starts it. */
class Demo {
  printed = '';
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(...args: readonly string[]) {
    this.#process = spawn('npm', ['run', 'demo', '--', ...args], { cwd: clone.directory, env: clone.childEnvironment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => void (this.printed += chunk));
    this.ended = once(this.#process, 'close').then(([code]) => code as number | null);
  }

  async until(text: string): Promise<void> {
    let over = false;
    void this.ended.then(() => (over = true));
    while (!this.printed.includes(text)) {
      if (over) throw new Error(`the demo ended before it printed ${text}:\n${this.printed}`);
      await sleep(50);
    }
  }

  signal(name: NodeJS.Signals): void {
    process.kill(-this.#process.pid!, name);
  }

  /** Where Cordon listened. */
  get url(): string {
    return /Cordon\s+(http:\S+),/.exec(this.printed)?.[1] ?? '';
  }
}

async function isGone(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`).then(() => false, () => true);
}

describe('npm run demo', () => {
  it('tells the story to its end and leaves nothing behind', async () => {
    const demo = new Demo();
    const code = await demo.ended;
    expect({ code, printed: demo.printed }).toMatchObject({ code: 0 });
    const end = demo.printed.slice(demo.printed.indexOf('taken back'));
    expect(demo.printed).toMatch(/directory +GET \/Users of avery\.quinn: active false/);
    expect(demo.printed).toMatch(/containment\.verified +residual access until/);
    expect(end).toMatch(/directory +GET \/Users of avery\.quinn: active true/);
    expect(demo.printed.match(/cordon audit verify +ok: \d+ entries/g)).toHaveLength(2);
    expect(readdirSync(temporary)).toEqual([]);
    expect(await isGone(demo.url)).toBe(true);
  }, LIMIT);

  it('is taken down by Ctrl-C while it plays', async () => {
    const demo = new Demo('--pace', '600');
    await demo.until('Rowan enables');
    demo.signal('SIGINT');
    await demo.ended;
    expect(demo.url).not.toBe('');
    expect(await isGone(demo.url)).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
    expect(demo.printed).not.toMatch(/unexpected error|it is not so|did not come true/);
  }, LIMIT);

  it('with --keep stays to be looked at, as the story left it', async () => {
    const demo = new Demo('--keep');
    await demo.until('npx cordon audit verify');
    const named = (label: string) => new RegExp(`${label} +(\\S+)`).exec(demo.printed)![1]!;
    const key = readFileSync(named('key of morgan'), 'utf8').trim();
    const { incidents } = (await (await fetch(`${demo.url}/v1/incidents`, { headers: { authorization: `Bearer ${key}` } })).json()) as { incidents: object[] };
    expect(incidents).toMatchObject([{ status: 'closed', verdict: 'false_positive', subject: { type: 'person', id: 'E-117' } }]);
    expect((await fetch(named('approvals page'))).status).toBeLessThan(500);
    demo.signal('SIGTERM');
    await demo.ended;
    expect(await isGone(demo.url)).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  }, LIMIT);

  it('refuses what is no option, with exit code 2', async () => {
    const demo = new Demo('--loud');
    expect(await demo.ended).toBe(2);
    expect(demo.printed).toContain('--help lists the options');
  }, LIMIT);
});
