import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findCluster } from '../../src/platform/postgres/place.js';
import { readPostmasterFile } from '../../src/platform/postgres/postmaster-file.js';
import { isPostmasterOf, waitUntil } from '../../src/platform/postgres/postmaster-process.js';
import { ServerProcess } from './server-process.js';

const STOP_MS = 10_000;

/** A folder with a configuration of its own, which the embedded database's user may pass through. */
export class Site {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'cordon-site-'));
  readonly data = path.join(this.directory, 'data');
  readonly #running: ServerProcess[] = [];

  constructor(configuration = '{}\n') {
    chmodSync(this.directory, 0o711);
    writeFileSync(path.join(this.directory, 'cordon.yaml'), configuration);
  }

  serve(...args: readonly string[]): ServerProcess {
    const product = ServerProcess.run(['serve', '--config', path.join(this.directory, 'cordon.yaml'), '--data', this.data, '--port', '0', ...args]);
    this.#running.push(product);
    return product;
  }

  /** Stops what still runs, database included, and removes the folder. */
  async remove(): Promise<void> {
    await Promise.all(this.#running.map((product) => product.kill('SIGKILL')));
    this.#running.length = 0;
    const cluster = findCluster(this.data);
    const database = cluster === undefined ? undefined : readPostmasterFile(cluster);
    if (cluster !== undefined && database && isPostmasterOf(database.pid, cluster)) {
      process.kill(database.pid, 'SIGQUIT');
      await waitUntil(() => !isPostmasterOf(database.pid, cluster), STOP_MS);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
