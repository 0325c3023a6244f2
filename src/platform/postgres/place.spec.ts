import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fakePostgres } from '../../../test/harness/fake-postgres.js';
import { silentTelemetry } from '../telemetry/index.js';
import { choosePlace, rememberPlace, type Host, type Place } from './place.js';
import { postgresLogEvents } from './postgres.log-events.js';
import type { RunAs } from './run-command.js';

/** A uid that is not ours, also where we are root. */
const STRANGER = 65_534;

const self: RunAs = { name: 'self', uid: process.getuid!(), gid: process.getgid!() };

let directory: string;
let dataDirectory: string;
let elsewhere: string;

beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'cordon-place-')));
  chmodSync(directory, 0o711);
  dataDirectory = path.join(directory, 'data');
  elsewhere = path.join(directory, 'elsewhere');
  mkdirSync(dataDirectory, { mode: 0o711 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Root and its service users are stood in for by whoever runs the tests, so that both ways are walked as root and as not. */
const asRoot = (users: readonly RunAs[] = [self]): Host => ({ root: true, elsewhere, users: () => Promise.resolve(users) });
const asUser: Host = { root: false, elsewhere: '/none', users: () => Promise.reject(new Error('nobody asks')) };

function choose(host: Host, { known = false, postgres }: { known?: boolean; postgres?: string } = {}): Promise<Place> {
  const source = fakePostgres(path.join(directory, 'package'), postgres === undefined ? {} : { postgres });
  return choosePlace({ dataDirectory, source, log: silentTelemetry().log(postgresLogEvents), known }, host);
}

const refusal = (code: string, detail: string, remedy: string) => ({
  code,
  message: expect.stringContaining(detail),
  definition: { remedy: expect.stringContaining(remedy) },
});

const DENIED = 'echo "postgres: Permission denied"; exit 126';

describe('choosePlace as a user', () => {
  it('keeps the cluster in the data directory', async () => {
    const place = await choose(asUser);
    expect(place.directory).toBe(path.join(dataDirectory, 'postgres'));
    expect(place).not.toHaveProperty('runAs');
  });

  it('quotes what keeps the binaries from running', async () => {
    await expect(choose(asUser, { postgres: DENIED })).rejects.toMatchObject(refusal('platform.postgres_cannot_run', 'Permission denied', 'noexec'));
  });

  it('refuses files that root made elsewhere', async () => {
    writeFileSync(path.join(dataDirectory, 'postgres.location.json'), JSON.stringify({ directory: elsewhere, created: true }));
    await expect(choose(asUser)).rejects.toMatchObject(refusal('platform.postgres_wrong_owner', elsewhere, '--data'));
  });

  it('refuses files of another user', async () => {
    const here = path.join(dataDirectory, 'postgres');
    if (self.uid === 0) {
      mkdirSync(here);
      chownSync(here, STRANGER, STRANGER);
    } else {
      symlinkSync('/usr', here);
    }
    await expect(choose(asUser)).rejects.toMatchObject(refusal('platform.postgres_wrong_owner', `this process is user ${self.uid}`, 'Start as the user who started first'));
  });
});

describe('choosePlace as root', () => {
  it('names every user and folder that was tried in vain, and leaves no folder behind', async () => {
    const refused = choose(asRoot([self, { ...self, name: 'other' }]), { postgres: DENIED });
    await expect(refused).rejects.toMatchObject(refusal('platform.postgres_no_service_user', 'Permission denied', 'named cordon'));
    for (const tried of [`self in ${dataDirectory}`, `other in ${dataDirectory}`, `self in ${elsewhere}`, `other in ${elsewhere}`]) {
      await expect(refused).rejects.toThrow(tried);
    }
    expect([...readdirSync(dataDirectory), ...readdirSync(elsewhere)]).toEqual([]);
  });

  it('says so where there is no user to try', async () => {
    await expect(choose(asRoot([]))).rejects.toMatchObject(refusal('platform.postgres_no_service_user', 'none of cordon, postgres, nobody exists', 'system user'));
  });

  it('refuses a cluster that belongs to root', async () => {
    mkdirSync(path.join(dataDirectory, 'postgres'));
    symlinkSync('/usr', path.join(dataDirectory, 'postgres', 'cluster'));
    await expect(choose(asRoot())).rejects.toMatchObject(refusal('platform.postgres_wrong_owner', 'belongs to root', 'user who started first'));
  });

  it('does not look for another place when a cluster is there and cannot be run', async () => {
    const here = path.join(dataDirectory, 'postgres');
    mkdirSync(path.join(here, 'cluster'), { recursive: true });
    if (self.uid === 0) for (const name of [here, path.join(here, 'cluster')]) chownSync(name, STRANGER, STRANGER);
    await expect(choose(asRoot(), { postgres: DENIED })).rejects.toMatchObject(refusal('platform.postgres_cannot_run', 'Permission denied', 'noexec'));
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe('a cluster that is elsewhere', () => {
  /** The binaries run everywhere but in the data directory, so the cluster goes elsewhere. */
  async function goElsewhere(): Promise<Place> {
    const place = await choose(asRoot(), { postgres: `case "$0" in ${dataDirectory}/*) exit 1;; *) echo 18;; esac` });
    mkdirSync(place.cluster);
    await rememberPlace(dataDirectory, place);
    return place;
  }

  it('is missed once it is gone, not made again', async () => {
    const { directory: place, cluster } = await goElsewhere();
    expect(path.dirname(place)).toBe(elsewhere);
    rmSync(cluster, { recursive: true });
    await expect(choose(asRoot(), { known: true })).rejects.toMatchObject(refusal('platform.postgres_moved', `were in ${place} and are gone`, 'restore a backup'));
  });

  it('is not taken by a data directory that was moved or copied', async () => {
    const { directory: place } = await goElsewhere();
    const original = dataDirectory;
    dataDirectory = path.join(directory, 'copy');
    mkdirSync(dataDirectory);
    writeFileSync(path.join(dataDirectory, 'postgres.location.json'), JSON.stringify({ directory: place, created: true }));
    await expect(choose(asRoot(), { known: true })).rejects.toMatchObject(refusal('platform.postgres_moved', `belongs to ${original}`, 'back where it was'));
  });
});
