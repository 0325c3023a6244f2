import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakePostgres } from '../../../test/harness/fake-postgres.js';
import { checkClusterVersion, createCluster } from './cluster.js';
import type { Place } from './place.js';
import { waitUntil } from './postmaster-process.js';
import { installRuntime } from './runtime.js';

const OPTIONS = { password: 'x', durable: false };
const LIMIT_MS = 30_000;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'cordon-cluster-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function placeWith(initdb: string): Promise<Place> {
  const folder = path.join(directory, 'postgres');
  mkdirSync(folder);
  return { directory: folder, cluster: path.join(folder, 'cluster'), runtime: await installRuntime(fakePostgres(path.join(directory, 'package'), { initdb }), folder) };
}

/** What is in the place beside the binaries. */
const left = (place: Place): string[] => readdirSync(place.directory).filter((name) => !name.startsWith('runtime-'));

describe('checkClusterVersion', () => {
  it('lets the own version and a place without a cluster pass', async () => {
    writeFileSync(path.join(directory, 'PG_VERSION'), '18\n');
    await checkClusterVersion(directory, '18');
    await checkClusterVersion(path.join(directory, 'none'), '18');
  });

  it('names both versions and the way from one to the other', async () => {
    writeFileSync(path.join(directory, 'PG_VERSION'), '17\n');
    await expect(checkClusterVersion(directory, '18')).rejects.toMatchObject({
      code: 'platform.postgres_version_mismatch',
      message: expect.stringContaining('has version 17, this release runs 18'),
      definition: { remedy: expect.stringContaining('cordon db backup') },
    });
  });
});

describe('createCluster', () => {
  it('gives the cluster its name when it is complete', async () => {
    const place = await placeWith('mkdir "$2" && echo 18 > "$2/PG_VERSION"');
    await createCluster(place, OPTIONS);
    expect(left(place)).toEqual(['cluster']);
  });

  it('quotes initdb when that fails, and leaves nothing behind', async () => {
    const place = await placeWith('mkdir "$2"; echo "initdb: error: could not create directory"; exit 1');
    await expect(createCluster(place, OPTIONS)).rejects.toMatchObject({
      code: 'platform.postgres_start_failed',
      message: expect.stringContaining(`initdb in ${place.directory}: initdb: error: could not create directory`),
    });
    expect(left(place)).toEqual([]);
  });

  it('ends initdb when the start is given up, and leaves nothing behind', async () => {
    const started = path.join(directory, 'started');
    const place = await placeWith(`mkdir "$2"; : > ${started}; exec sleep 600`);
    const stop = new AbortController();
    const reason = new Error('enough');
    const creating = createCluster(place, { ...OPTIONS, signal: stop.signal });
    expect(await waitUntil(() => existsSync(started), LIMIT_MS)).toBe(true);
    stop.abort(reason);
    await expect(creating).rejects.toBe(reason);
    expect(left(place)).toEqual([]);
  }, LIMIT_MS * 2);
});
