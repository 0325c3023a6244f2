import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { identifyProcess } from './process-identity.js';
import { takeProcessLock, type ProcessLock } from './process-lock.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'cordon-lock-'));
  file = path.join(directory, 'lock');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function take(): ProcessLock {
  const lock = takeProcessLock(file);
  if ('holder' in lock) throw new Error(`held by ${lock.holder.pid}`);
  return lock;
}

describe('takeProcessLock', () => {
  it('refuses a second taker and names the first', () => {
    const lock = take();
    expect(takeProcessLock(file)).toMatchObject({ holder: { pid: process.pid } });
    lock.release();
    expect(existsSync(file)).toBe(false);
  });

  it('refuses while another live process holds it, and takes over once that is killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(file, JSON.stringify(identifyProcess(child.pid!)));
    expect(takeProcessLock(file)).toMatchObject({ holder: { pid: child.pid } });
    child.kill('SIGKILL');
    await ended;
    take().release();
  });

  it.each([
    ['a process that ended', () => JSON.stringify({ pid: spawnSync(process.execPath, ['-e', '']).pid })],
    ['our own pid from an earlier boot', () => JSON.stringify({ pid: process.pid, startTime: 'other-boot:1' })],
    ['a writer that was cut short', () => '{"pid":'],
    ['nobody', () => ''],
  ])('takes over a lock left by %s', (_, content) => {
    writeFileSync(file, content());
    const lock = take();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it('leaves the lock of a later holder alone when released twice', () => {
    const first = take();
    first.release();
    const second = take();
    first.release();
    expect(takeProcessLock(file)).toMatchObject({ holder: { pid: process.pid } });
    second.release();
  });
});
