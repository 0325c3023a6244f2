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

/** Options under which every database process is spawned. `directory` must be one that the user may enter. */
export function spawnOptions(directory: string, runAs: RunAs | undefined) {
  return { cwd: directory, env: minimalEnvironment(directory), windowsHide: true, ...(runAs && { uid: runAs.uid, gid: runAs.gid }) };
}

/** Runs a command to its end. A command that cannot be started at all gives no code and the reason as output. */
export function runCommand(command: string, args: readonly string[], directory: string, runAs?: RunAs): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...spawnOptions(directory, runAs), stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (code: number | undefined, reason = ''): void => resolve({ code, output: `${Buffer.concat(chunks).toString('utf8')}${reason}`.trim() });
    child.once('error', (error) => finish(undefined, error.message));
    child.once('close', (code, signal) => finish(code ?? undefined, signal ? `ended by ${signal}` : ''));
  });
}
