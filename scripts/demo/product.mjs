import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../lib/failure.mjs';
import { cli, root } from '../lib/paths.mjs';
import { until } from './until.mjs';

const SERVE = fileURLToPath(new URL('serve.mjs', import.meta.url));
const START_MS = 60_000;
const STOP_MS = 60_000;
const LAST_LINES = 12;

/** The server as a child process, and the command line beside it, both with the demo's configuration alone. */
export class Product {
  #server;
  #ended;
  #commands = new Set();

  constructor({ directory, configuration: { file, url } }) {
    this.file = file;
    this.url = url;
    this.log = join(directory, 'cordon.log');
    this.adminKey = join(directory, 'data', 'admin.key');
  }

  async start() {
    const log = openSync(this.log, 'a', 0o600);
    // A group of its own: Ctrl-C is for the demo, which then stops the product in order.
    this.#server = spawn(process.execPath, [SERVE, '--config', this.file], { cwd: root, env: environment(), stdio: ['ignore', log, log, 'ipc'], detached: true });
    closeSync(log);
    this.#server.once('error', () => undefined);
    this.#ended = once(this.#server, 'exit').catch(() => undefined);
    await until(
      'Cordon is up',
      async () => {
        this.requireRunning();
        return (await this.#isReady()) ? true : undefined;
      },
      { limitMs: START_MS },
    );
  }

  /** @throws {Failure} with the last lines of the log when the server has ended */
  requireRunning() {
    const { exitCode, signalCode } = this.#server;
    if (exitCode === null && signalCode === null) return;
    throw new Failure(`Cordon ended with ${signalCode ?? `exit code ${exitCode}`}; its last words:\n${this.lastWords()}`);
  }

  lastWords() {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n') : '';
  }

  /** Runs a command. Gives its exit code and what it printed. */
  run(...args) {
    return new Promise((resolve, reject) => {
      const child = execFile(process.execPath, [cli, ...args, '--config', this.file], { cwd: root, env: environment(), encoding: 'utf8' }, (error, stdout, stderr) => {
        this.#commands.delete(child);
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: error?.code ?? 0, stdout, stderr });
      });
      this.#commands.add(child);
    });
  }

  /** Runs a command that has to succeed, and gives its output. @throws {Failure} */
  async command(...args) {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Failure(`cordon ${args.join(' ')} ended with exit code ${code}:\n${stderr}${stdout}`);
    return stdout;
  }

  /** Lets it drain; the embedded database stops with it. */
  async stop() {
    for (const child of this.#commands) child.kill('SIGTERM');
    if (this.#server?.pid === undefined) return;
    this.#server.kill('SIGTERM');
    const late = setTimeout(() => this.#server.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(late);
  }

  async #isReady() {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }
}

/** Ours without what would configure the product from outside. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CORDON_') && !name.startsWith('npm_')));
}
