// Clones the committed tree into an empty folder and runs `npm start` there as the first command: it has to install,
// build, start a database and answer; then Ctrl-C has to end it in order.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onStop } from '../lib/on-stop.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'cordon-boot-'));
let server;
let ended = false;
// The server is in a group of its own, as at a terminal, so a signal for us does not reach it.
onStop(cleanUp);
// The embedded database's user has to get through here.
chmodSync(folder, 0o711);
execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, folder], { stdio: 'inherit' });

// Development packages are needed to build, whatever NODE_ENV says.
const env = { ...process.env, NODE_ENV: 'production', CORDON_SERVER_PORT: '0' };
server = spawn('npm', ['start'], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
let output = '';
for (const stream of [server.stdout, server.stderr]) {
  stream.setEncoding('utf8').on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
}
const closed = once(server, 'close');
closed.then(() => (ended = true));

try {
  const started = Date.now();
  const url = await addressOf();
  console.log(`boot: serving after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  for (const probe of ['/healthz', '/readyz', '/metrics']) {
    const { status } = await fetch(`${url}${probe}`);
    // Metrics ask for a key; an answer is what counts.
    if (status !== 200 && !(probe === '/metrics' && status === 401)) throw new Error(`${probe} answered ${status}`);
    console.log(`boot: ${probe} answered ${status}`);
  }
  process.kill(-server.pid, 'SIGINT');
  const [code, signal] = await closed;
  // npm passes the signal that it got on to itself, whatever its script gave.
  if (code !== 0 && signal !== 'SIGINT') throw new Error(`Ctrl-C ended it with ${signal ?? `exit code ${code}`}`);
  if (!output.includes('platform.postgres_stopped')) throw new Error('Ctrl-C left the database running');
  console.log('boot: Ctrl-C ended it in order');
} finally {
  await cleanUp();
}

async function cleanUp() {
  if (server && !ended) {
    const gone = once(server, 'close');
    process.kill(-server.pid, 'SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function addressOf() {
  for (;;) {
    const match = /address\s+(http:\S+)/.exec(output);
    if (match) return match[1];
    if (ended) throw new Error('npm start ended before it served');
    await sleep(200);
  }
}
