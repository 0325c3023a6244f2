import { createServer } from 'node:net';
import type { CordonError } from '../kernel/index.js';
import { cliErrors } from './cli.errors.js';
import { findPortHolder } from './port-holder.js';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Proves that the address can be listened on, before anything slow is started. Port 0 always can.
 * @throws CordonError `cli.port_taken`, `cli.address_refused`
 */
export async function requireFreeAddress({ host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(explainListenError(error, { host, port }) ?? error));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** What a failed `listen` means to a person; undefined when it was something else. */
export function explainListenError(error: unknown, { host, port }: ListenAddress): CordonError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  const address = `${host}:${port}`;
  if (code === 'EADDRINUSE') {
    const holder = findPortHolder(port);
    const by = holder ? `used by process ${holder.pid} (${holder.command})` : 'used by another process';
    return cliErrors.create('cli.port_taken', { detail: `${address} is ${by}`, field: 'server.port', cause: error });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return cliErrors.create('cli.address_refused', { detail: `${address} (${code})`, field: code === 'EACCES' ? 'server.port' : 'server.host', cause: error });
  }
  return undefined;
}
