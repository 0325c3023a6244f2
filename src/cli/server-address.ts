import type { ResolvedConfig } from '../config/index.js';

/** Where a server with this configuration is reached from this machine. */
export function serverAddress(server: ResolvedConfig['server'] | undefined): string {
  const { host = '127.0.0.1', port = 8787 } = server ?? {};
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Whether the address is this machine: then no proxy of the environment is asked. */
export const isLoopback = (url: string): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(url).hostname);
