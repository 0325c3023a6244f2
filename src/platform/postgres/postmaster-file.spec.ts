import { describe, expect, it } from '@jest/globals';
import { parsePostmasterFile } from './postmaster-file.js';

const running = '4711\n/srv/cordon/postgres/cluster\n1770000000\n5432\n/srv/cordon/postgres\n\n  1234567     32768\nready   \n';

describe('parsePostmasterFile', () => {
  it('reads a running server', () => {
    expect(parsePostmasterFile(running)).toEqual({
      pid: 4711,
      startedAt: new Date(1_770_000_000_000),
      port: 5432,
      socketDirectory: '/srv/cordon/postgres',
      listenAddress: '',
      status: 'ready',
    });
  });

  it('reads no server from any cut of the file as ready, except the whole', () => {
    const whole = running.indexOf('ready') + 'ready'.length;
    for (let length = 0; length < whole; length++) expect(parsePostmasterFile(running.slice(0, length))?.status).not.toBe('ready');
  });

  it('takes an empty file or other text for no server', () => {
    expect(parsePostmasterFile('')).toBeUndefined();
    expect(parsePostmasterFile('postgres\n')).toBeUndefined();
  });
});
