import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export const POSTGRESQL_15_BIN = '/usr/lib/postgresql/15/bin';

/** A throw-away cluster of Debian's PostgreSQL 15 on a free port of 127.0.0.1, run by `postgres` when we are root. */
export async function startPostgresql15() {
  const root = process.getuid() === 0;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'cordon-pg15-'));
  const identity = root ? accountOf('postgres') : {};
  if (root) chownSync(folder, identity.uid, identity.gid);
  chmodSync(folder, 0o700);
  const data = path.join(folder, 'data');
  const options = { ...identity, cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', HOME: folder } };
  const run = (name, args) => execFileSync(path.join(POSTGRESQL_15_BIN, name), args, options);

  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C']);
  const port = await freePort();
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c fsync=off -c max_connections=100`;
  run('pg_ctl', ['-D', data, '-w', '-t', '60', '-l', path.join(folder, 'log'), '-o', settings, 'start']);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      spawnSync(path.join(POSTGRESQL_15_BIN, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop'], options);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function accountOf(name) {
  const number = (flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
