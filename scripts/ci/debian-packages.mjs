// Installs the Debian packages that the gates need and that are not here: git and the server of PostgreSQL 15.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { POSTGRESQL_15_BIN } from './postgresql-15.mjs';

const needed = [
  { name: 'git', present: () => spawnSync('git', ['--version']).status === 0 },
  { name: 'postgresql-15', present: () => existsSync(`${POSTGRESQL_15_BIN}/postgres`) },
];

const missing = needed.filter(({ present }) => !present()).map(({ name }) => name);
if (missing.length === 0) console.log(`nothing to install: ${needed.map(({ name }) => name).join(', ')} are here`);
else install(missing);

function install(names) {
  const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args) => {
    const [file, ...rest] = [...asRoot, 'apt-get', ...args];
    const { status, error } = spawnSync(file, rest, { stdio: 'inherit', env });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${error?.message ?? `exit ${status}`}; install by hand: ${names.join(' ')}`);
  };
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...names);
}
