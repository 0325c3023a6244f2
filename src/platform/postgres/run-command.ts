import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The user a database process runs as, when that is not ours. */
export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface CommandResult {
  readonly code: number | undefined;
  /** stdout and stderr together, trimmed. */
  readonly output: string;
}

/** Nothing of our own environment reaches PostgreSQL: it holds secrets, and PG* variables would change its behaviour. */
export function minimalEnvironment(home: string): NodeJS.ProcessEnv {
  const common = { LC_ALL: 'C', TZ: 'UTC', HOME: home };
  if (process.platform !== 'win32') return { ...common, PATH: '/usr/bin:/bin' };
  const root = process.env.SystemRoot ?? String.raw`C:\Windows`;
  return { ...common, SystemRoot: root, PATH: path.join(root, 'System32'), TEMP: tmpdir(), TMP: tmpdir() };
}

/**
 * Options under which every database process is spawned. `directory` must be one that the user may enter. Detached, in a
 * session and process group of its own: Ctrl-C at the terminal reaches us alone, and we stop it after our drain.
 */
export function spawnOptions(directory: string, runAs: RunAs | undefined) {
  return { cwd: directory, env: minimalEnvironment(directory), windowsHide: true, detached: true, ...(runAs && { uid: runAs.uid, gid: runAs.gid }) };
}

export interface CommandOptions {
  /** Absent: as ourselves. */
  readonly runAs?: RunAs | undefined;
  /** Sends SIGTERM to the command, which is still waited for. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command to its end. A command that cannot be started at all gives no code and the reason as output. */
export function runCommand(command: string, args: readonly string[], directory: string, { runAs, signal: stop }: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...spawnOptions(directory, runAs), stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const end = (): void => void child.kill('SIGTERM');
    const finish = (code: number | undefined, reason = ''): void => {
      stop?.removeEventListener('abort', end);
      resolve({ code, output: `${Buffer.concat(chunks).toString('utf8')}${reason}`.trim() });
    };
    child.once('error', (error) => finish(undefined, error.message));
    child.once('close', (code, signal) => finish(code ?? undefined, signal ? `ended by ${signal}` : ''));
    if (stop?.aborted) end();
    else stop?.addEventListener('abort', end, { once: true });
  });
}
