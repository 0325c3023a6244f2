import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Address } from './connection-url.js';
import type { Place } from './place.js';
import type { PostmasterFile } from './postmaster-file.js';
import { fitsSocketPath, type ServerSettings } from './settings.js';

const PREFIX = 'cordon-';

/** Where a server about to start listens: a socket beside its cluster, a private short folder, or a loopback port. */
export async function chooseEndpoint(place: Place): Promise<ServerSettings['endpoint']> {
  if (process.platform === 'win32') return { port: await freePort() };
  if (fitsSocketPath(place.directory)) return { socketDirectory: place.directory };
  const base = fitsSocketPath(path.join(tmpdir(), `${PREFIX}123456`)) ? tmpdir() : '/tmp';
  // A name nobody can guess and make first, with mode 0700.
  const socketDirectory = await mkdtemp(path.join(base, PREFIX));
  if (place.runAs) await chown(socketDirectory, place.runAs.uid, place.runAs.gid);
  return { socketDirectory };
}

/** Removes the private folder of a server that is gone; its sockets beside the cluster PostgreSQL removes itself. */
export async function removeEndpoint({ socketDirectory }: Pick<PostmasterFile, 'socketDirectory'>, place: Place): Promise<void> {
  if (socketDirectory === '' || socketDirectory === place.directory || !path.basename(socketDirectory).startsWith(PREFIX)) return;
  await rm(socketDirectory, { recursive: true, force: true });
}

export function endpointOf({ socketDirectory, port }: PostmasterFile): ServerSettings['endpoint'] {
  return socketDirectory === '' ? { port } : { socketDirectory };
}

/** Connection options that reach a running server. */
export function addressOf({ socketDirectory, listenAddress, port }: PostmasterFile): Address {
  return { host: socketDirectory || listenAddress || '127.0.0.1', port };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
