import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clone } from '../harness/clone.js';

const LIMIT = 240_000;
const PATIENCE_MS = 30_000;

const text = readFileSync(path.resolve('README.md'), 'utf8');
const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!.trim());

let clone: Clone;
let server: ChildProcess;
let port: number;
let printed = '';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: found } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return found;
}

async function until(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS * 3; !(await done()); await sleep(100)) {
    if (Date.now() > end) throw new Error(`${what} did not happen:\n${printed}`);
  }
}

beforeAll(async () => {
  port = await freePort();
  clone = new Clone({ CORDON_SERVER_PORT: String(port) });
  server = spawn('npm', ['start'], { cwd: clone.directory, env: clone.childEnvironment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [server.stdout, server.stderr]) stream?.setEncoding('utf8').on('data', (chunk: string) => void (printed += chunk));
  await until(() => printed.includes('cordon is up'), 'npm start');
}, LIMIT);

afterAll(async () => {
  const ended = once(server, 'close');
  // Ctrl-C reaches the whole group; the database is in a group of its own.
  process.kill(-server.pid!, 'SIGINT');
  await ended;
  clone.remove();
}, LIMIT);

const run = (block: string) => clone.shell(block.replaceAll('8787', String(port)));

describe('README.md', () => {
  it('names the two commands first', () => {
    expect(blocks.slice(0, 2)).toEqual(['npm start', 'npm test']);
  });

  it('starts a product that says where it listens and where the admin key is', () => {
    expect(printed).toContain(`http://127.0.0.1:${port}`);
    expect(printed).toContain(path.join(clone.directory, 'data', 'admin.key'));
  });

  // `npm test` is what runs this file; the demo has one of its own.
  it('shows commands that work, and a first record that becomes a signal', async () => {
    const outputs = new Map<string, string>();
    for (const block of blocks.slice(2).filter((text) => text !== 'npm run demo')) outputs.set(block, await run(block));
    const [query] = blocks.filter((block) => block.startsWith('curl '));
    await until(async () => (await run(query!)).includes('personal storage, a webhook collector'), 'the signal');
    const [rules] = blocks.filter((block) => block.includes('rules test'));
    expect(outputs.get(rules!)).toMatch(/\b0 failed\n$/);
  }, LIMIT);
});
