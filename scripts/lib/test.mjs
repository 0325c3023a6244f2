import { join } from 'node:path';
import { modules, root } from './paths.mjs';
import { prepare, reportFailure } from './prepare.mjs';
import { run } from './run.mjs';

/** ES modules in jest need the first flag; the second silences its "experimental" warning, one a worker. */
const FLAGS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';

export async function test(args) {
  try {
    await prepare();
    const env = { ...process.env, NODE_ENV: 'test', NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${FLAGS}`.trim() };
    process.exitCode = await run(process.execPath, [join(modules, 'jest', 'bin', 'jest.js'), ...args], { cwd: root, env });
  } catch (error) {
    reportFailure(error);
  }
}
