import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isCordonError } from '../../kernel/index.js';
import { explainWriteError, openDataDirectory, prepareDataDirectory } from './data-directory.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'cordon-data-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const failing = (code: string): Error => Object.assign(new Error(code), { code });

describe('prepareDataDirectory', () => {
  it('makes the folder, proves that it can be written and leaves nothing in it', async () => {
    const made = await prepareDataDirectory(path.join(directory, 'a', 'b'));
    expect(existsSync(made)).toBe(true);
    expect(readdirSync(made)).toEqual([]);
  });

  it.each(['file', 'file/below'])('refuses what cannot be a folder: %s', async (name) => {
    writeFileSync(path.join(directory, 'file'), '');
    const wanted = path.join(directory, name);
    await expect(openDataDirectory(wanted)).rejects.toMatchObject({
      code: 'platform.data_directory_not_writable',
      message: expect.stringContaining(wanted),
      definition: { remedy: expect.stringContaining('--data') },
    });
  });

  it('notices a full disk, and takes its probe away again', async () => {
    const probe = path.join(directory, `.write-${process.pid}`);
    // The device that is always full: the write fails as on a full disk.
    symlinkSync('/dev/full', probe);
    await expect(openDataDirectory(directory)).rejects.toMatchObject({
      code: 'platform.disk_full',
      message: expect.stringContaining(`${directory} (ENOSPC)`),
      definition: { remedy: expect.stringContaining('Free space') },
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('explainWriteError', () => {
  it.each([
    ['ENOSPC', 'platform.disk_full'],
    ['EDQUOT', 'platform.disk_full'],
    ['EACCES', 'platform.data_directory_not_writable'],
    ['EPERM', 'platform.data_directory_not_writable'],
    ['EROFS', 'platform.data_directory_not_writable'],
  ])('reads %s as %s, naming the path and keeping the cause', (code, expected) => {
    const cause = failing(code);
    const explained = explainWriteError(cause, '/srv/data');
    expect(isCordonError(explained, expected)).toBe(true);
    expect(explained).toMatchObject({ cause, message: expect.stringContaining(`/srv/data (${code})`) });
  });

  it('leaves errors of another kind as they are', () => {
    const error = failing('EMFILE');
    expect(explainWriteError(error, '/srv/data')).toBe(error);
  });
});
