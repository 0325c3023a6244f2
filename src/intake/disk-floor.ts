import { statfs } from 'node:fs/promises';
import type { ResolvedConfig } from '../config/index.js';
import { findCluster } from '../platform/index.js';

const CHECK_EVERY_MS = 5_000;

/** Free bytes of the file system that holds `directory`, for a process that is not root. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** Folder whose disk the embedded database fills: its cluster's, which may lie outside the data directory. */
export function databaseFolder(dataDirectory: string): string {
  return findCluster(dataDirectory) ?? dataDirectory;
}

/**
 * Watches the disk of the embedded database. PostgreSQL that runs out of space stops with a panic, so the intake stops
 * taking records while there is still room for what was accepted.
 */
export class DiskFloor {
  #low = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly floor: number,
    private readonly measure: () => Promise<number>,
  ) {}

  get isLow(): boolean {
    return this.#low;
  }

  async start(): Promise<void> {
    if (this.floor === 0) return;
    await this.check();
    this.#timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A file system that cannot be asked says nothing about its space: the last answer stays. */
  async check(): Promise<void> {
    try {
      this.#low = (await this.measure()) < this.floor;
    } catch {
      return;
    }
  }
}

/** The floor of `intake.minFreeBytes` under the embedded database; the disk of an external one is its server's to watch. */
export function databaseDiskFloor(
  { database, dataDirectory, intake }: Pick<ResolvedConfig, 'database' | 'dataDirectory' | 'intake'>,
  measure: (directory: string) => Promise<number> = freeBytes,
): DiskFloor {
  return new DiskFloor(database.url ? 0 : intake.minFreeBytes, () => measure(databaseFolder(dataDirectory)));
}
