import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PostgresPackage } from '../../src/platform/postgres/runtime.js';

const ANSWERS_VERSION = 'echo "postgres (PostgreSQL) 18.0"';

/**
 * A package of PostgreSQL whose programs are these shell scripts, for faults that the real one shows on a broken machine
 * alone. A program that is not given succeeds.
 */
export function fakePostgres(directory: string, programs: Partial<Record<'postgres' | 'initdb' | 'pg_ctl', string>> = {}): PostgresPackage {
  const folder = path.join(directory, 'native', 'bin');
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries({ postgres: ANSWERS_VERSION, initdb: 'exit 0', pg_ctl: 'exit 0', ...programs })) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
  return { directory, version: '18.0.0', major: '18' };
}
