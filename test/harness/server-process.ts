import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const CLI = path.resolve('dist/src/cli/main.js');
const START_MS = 60_000;

export interface ExitResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built product as a child process, with everything it printed. */
export class ServerProcess {
  output = '';
  readonly #exited: Promise<ExitResult>;

  private constructor(readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => void (this.output += text));
    this.#exited = once(process, 'close').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
  }

  /** Runs `cordon` with these arguments. Of our environment only what a program needs to run is passed on. */
  static run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ServerProcess {
    const { PATH = '', HOME = '' } = process.env;
    return new ServerProcess(spawn(process.execPath, [CLI, ...args], { env: { PATH, HOME, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error('the product did not start');
    return this.process.pid;
  }

  /** Waits until the server is up and gives its base URL. */
  async up(): Promise<string> {
    const [, url] = await this.printed(/address\s+(http:\S+)/);
    return url ?? '';
  }

  /** Waits for text in the output; fails when the process ends without it. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    let ended: ExitResult | undefined;
    void this.#exited.then((result) => (ended = result));
    for (const giveUp = Date.now() + START_MS; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const match = pattern.exec(this.output);
      if (match) return match;
      if (ended !== undefined || Date.now() > giveUp) throw new Error(`${String(pattern)} was not printed, ${JSON.stringify(ended ?? 'still running')}:\n${this.output}`);
    }
  }

  /** What a terminal does: the signal reaches the product and whatever it runs in its process group. */
  interrupt(): Promise<ExitResult> {
    process.kill(-this.pid, 'SIGINT');
    return this.#exited;
  }

  kill(signal: NodeJS.Signals): Promise<ExitResult> {
    this.process.kill(signal);
    return this.#exited;
  }

  exited(): Promise<ExitResult> {
    return this.#exited;
  }
}
