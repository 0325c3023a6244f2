import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakePostgres } from '../../../test/harness/fake-postgres.js';
import { silentTelemetry } from '../telemetry/index.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

/** The uid and gid of a service user where root runs the tests. */
const SERVICE_USER = 65_534;

let directory: string;
let data: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'cordon-embedded-')));
  data = path.join(directory, 'data');
  for (const folder of [directory, data]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o711);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function makeCluster(): string {
  const folder = path.join(data, 'postgres');
  const cluster = path.join(folder, 'cluster');
  mkdirSync(cluster, { recursive: true });
  if (process.getuid?.() === 0) for (const name of [folder, cluster]) chownSync(name, SERVICE_USER, SERVICE_USER);
  return cluster;
}

const start = () =>
  startEmbeddedPostgres({ data: { path: data, release: () => undefined }, telemetry: silentTelemetry(), source: fakePostgres(path.join(directory, 'package')) });

describe('startEmbeddedPostgres', () => {
  it('does not make new passwords for a cluster that has some', async () => {
    const cluster = makeCluster();
    await expect(start()).rejects.toMatchObject({
      code: 'platform.postgres_credentials_missing',
      message: expect.stringContaining(`${cluster} exists, database.json does not`),
      definition: { remedy: expect.stringContaining('database.json') },
    });
  });

  it.each(['', '{"superuser":', '{"superuser":"short","owner":"short","app":"short"}'])('does not take for passwords what cannot be any: %j', async (text) => {
    makeCluster();
    writeFileSync(path.join(data, 'database.json'), text);
    await expect(start()).rejects.toMatchObject({
      code: 'platform.postgres_credentials_missing',
      message: expect.stringContaining(`${path.join(data, 'database.json')} cannot be read`),
    });
  });

  it('says that the disk is full when that comes up in the middle', async () => {
    symlinkSync('/dev/full', path.join(data, `database.json.${process.pid}.tmp`));
    await expect(start()).rejects.toMatchObject({ code: 'platform.disk_full', message: expect.stringContaining(`${data} (ENOSPC)`) });
  });
});
