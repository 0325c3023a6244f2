import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/index.js';
import { databaseDiskFloor } from './disk-floor.js';

describe('the disk floor', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'cordon-floor-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function measured(overrides: Record<string, unknown> = {}): Promise<string[]> {
    const folders: string[] = [];
    const floor = databaseDiskFloor(loadConfig({ root, overrides }), (directory) => {
      folders.push(directory);
      return Promise.resolve(0);
    });
    await floor.start();
    floor.stop();
    return folders;
  }

  it('measures where the cluster is, which need not be in the data directory', async () => {
    const data = path.join(root, 'data');
    const elsewhere = path.join(root, 'elsewhere');
    expect(await measured()).toEqual([data]);
    for (const directory of [data, path.join(elsewhere, 'cluster')]) mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(data, 'postgres.location.json'), JSON.stringify({ directory: elsewhere, created: true }));
    expect(await measured()).toEqual([path.join(elsewhere, 'cluster')]);
  });

  it('leaves the disk of an external database alone', async () => {
    expect(await measured({ 'database.url': 'postgres://app@db.example.com/cordon' })).toEqual([]);
  });
});
