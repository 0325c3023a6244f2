import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';

const LIMIT = 60_000;

/** Processes that work below a folder; none where there is no /proc. */
function workingBelow(folder: string): string[] {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return pids.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

it('the boot check leaves neither processes nor a clone behind when it is told to end', async () => {
  const temporary = realpathSync(mkdtempSync(path.join(tmpdir(), 'cordon-boot-test-')));
  try {
    const boot = spawn(process.execPath, [path.resolve('scripts/ci/boot.mjs')], { env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(boot, 'close');
    // Its first words come from npm, in a group of its own.
    await once(boot.stdout, 'data');
    expect(readdirSync(temporary)).toHaveLength(1);
    boot.kill('SIGTERM');
    expect(await closed).toEqual([143, null]);
    expect(readdirSync(temporary).filter((name) => name.startsWith('cordon-boot-'))).toEqual([]);
    expect(workingBelow(temporary)).toEqual([]);
  } finally {
    for (const pid of workingBelow(temporary)) process.kill(Number(pid), 'SIGKILL');
    rmSync(temporary, { recursive: true, force: true });
  }
}, LIMIT);
