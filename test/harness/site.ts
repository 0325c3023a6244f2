import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerProcess } from './server-process.js';

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
    // A start adopts a database that a killed server left behind, and stops it in order.
    const last = this.serve();
    await last.up().catch(() => undefined);
    await last.kill('SIGTERM');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
