// Runs the integration layer on Debian's PostgreSQL 15 instead of the embedded server.
import { spawn } from 'node:child_process';
import { startPostgresql15 } from './postgresql-15.mjs';

const cluster = await startPostgresql15();
const child = spawn('npm', ['test', '--', '--selectProjects', 'integration'], {
  stdio: 'inherit',
  env: { ...process.env, CORDON_TEST_DATABASE_URL: cluster.url },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => {
  cluster.stop();
  process.exitCode = code ?? 1;
});
