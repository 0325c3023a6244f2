import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What a running (or killed) server wrote into `postmaster.pid` of its cluster. */
export interface PostmasterFile {
  readonly pid: number;
  readonly startedAt: Date;
  readonly port: number;
  /** Empty when the server listens on TCP alone. */
  readonly socketDirectory: string;
  readonly listenAddress: string;
  readonly status: 'starting' | 'stopping' | 'ready' | 'unknown';
}

/**
 * Reads `postmaster.pid`: pid, data directory, start time in seconds, port, socket directory, listen address, shared
 * memory key and status, a line each (PostgreSQL's src/include/utils/pidfile.h). Undefined when absent or not yet whole.
 */
export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  try {
    return parsePostmasterFile(readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const [pid = '', , start = '', port = '', socketDirectory = '', listenAddress = '', , status = ''] = text.split('\n').map((line) => line.trim());
  // A negative pid is a stand-alone backend; nothing of ours starts one.
  if (!/^-?\d+$/.test(pid)) return undefined;
  return {
    pid: Math.abs(Number(pid)),
    startedAt: new Date(Number(start) * 1000),
    port: Number(port),
    socketDirectory,
    listenAddress,
    status: status === 'ready' || status === 'starting' || status === 'stopping' ? status : 'unknown',
  };
}
