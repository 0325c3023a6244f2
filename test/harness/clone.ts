import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve('.');
const BUFFER = 16 * 1024 * 1024;

/** A copy of the project's tracked files, with the packages and the build of this one, in which commands can be run as a reader would. */
export class Clone {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'cordon-clone-'));

  constructor(private readonly environment: Readonly<Record<string, string>>) {
    // The embedded database's user has to get through here.
    chmodSync(this.directory, 0o711);
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: BUFFER }).split('\0').filter(Boolean);
    for (const file of [...tracked, 'dist']) {
      if (existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(this.directory, file), { recursive: true });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(this.directory, 'node_modules'));
  }

  /** What a child process in the clone gets of our environment, and nothing else. */
  get childEnvironment(): Record<string, string> {
    const { PATH = '', HOME = '' } = process.env;
    return { PATH, HOME, ...this.environment };
  }

  /** Runs lines of a shell; fails when one of them does. Gives what they printed. */
  async shell(lines: string): Promise<string> {
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', lines], { cwd: this.directory, env: this.childEnvironment, maxBuffer: BUFFER });
    return stdout;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
