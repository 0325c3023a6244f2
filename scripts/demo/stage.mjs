import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startElasticReceiver } from './targets/elastic-receiver.mjs';
import { startHecReceiver } from './targets/hec-receiver.mjs';
import { startOidcTarget, startScimTarget, startSmtpTarget } from './targets/targets.mjs';
import { company } from './company.mjs';
import { writeConfiguration } from './configuration.mjs';
import { Product } from './product.mjs';

/** Everything that the story needs to run, in a folder that goes away with it. */
export class Stage {
  #undo = [];
  #stopping;
  /** Whether {@link stop} was called: what fails from then on fails because of it. */
  stopped = false;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'cordon-demo-'));
    // The embedded database's user has to get through here; the keys below are for us alone.
    chmodSync(this.directory, 0o711);
    this.#undo.push(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  /** Starts the systems around Cordon, each on a free port of loopback. */
  async openTargets() {
    const apiKey = randomBytes(24).toString('base64url');
    const token = randomBytes(16).toString('hex');
    this.targets = {
      identity: await this.#open(startOidcTarget()),
      users: await this.#open(startScimTarget({ users: Object.values(company).map(({ account }) => account) })),
      mail: await this.#open(startSmtpTarget()),
      elastic: Object.assign(await this.#open(startElasticReceiver({ apiKey })), { apiKey }),
      splunk: Object.assign(await this.#open(startHecReceiver({ token })), { token }),
    };
  }

  /** Starts Cordon on an embedded database of its own. */
  async openProduct() {
    const configuration = writeConfiguration({ directory: this.directory, port: await freePort(), targets: this.targets });
    this.signingKeys = configuration.signingKeys;
    this.product = new Product({ directory: this.directory, configuration });
    this.#undo.push(() => this.product.stop());
    await this.product.start();
  }

  /** A path for a new file of the demo. */
  file(folder, name, content) {
    const path = join(this.directory, folder);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (content !== undefined) writeFileSync(join(path, name), content);
    return join(path, name);
  }

  /** Takes everything down in reverse order. Calling it again waits for the same. */
  stop() {
    this.stopped = true;
    this.#stopping ??= this.#takeDown();
    return this.#stopping;
  }

  async #open(starting) {
    const target = await starting;
    this.#undo.push(() => target.close());
    return target;
  }

  async #takeDown() {
    const failures = [];
    for (const undo of this.#undo.reverse()) {
      try {
        await undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be taken down');
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
