import { join } from 'node:path';
import { build, isBuilt } from './build.mjs';
import { install, isInstalled } from './install.mjs';
import { withLock } from './lock.mjs';
import { root } from './paths.mjs';

export { reportFailure } from './failure.mjs';

/**
 * Brings node_modules and dist up to date. Looks without a lock first, so that a prepared clone starts at once, also
 * one that this user may only read; then again under the lock, because a start beside this one may have done the work.
 */
export async function prepare({ rebuild = false } = {}) {
  if (!rebuild && isInstalled() && isBuilt()) return;
  const onWait = (pid) => process.stderr.write(`cordon: process ${pid} is installing or building here, waiting for it\n`);
  await withLock(
    join(root, '.prepare.lock'),
    async () => {
      if (!isInstalled()) await install();
      if (rebuild || !isBuilt()) await build();
    },
    { onWait },
  );
}
