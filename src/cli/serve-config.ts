import path from 'node:path';
import { loadConfig, writeFirstConfig, type ResolvedConfig } from '../config/index.js';
import { connectors } from '../connectors.js';
import { cliErrors } from './cli.errors.js';
import { projectRoot } from './project-root.js';
import type { ServeOptions } from './serve.command.js';

/**
 * Reads the configuration of the server. The default file is written on the first start; one that was named must exist.
 * @throws CordonError `config.*`, `cli.config_not_writable`
 */
export function readServeConfig({ config, port, data }: ServeOptions): { config: ResolvedConfig; file: string } {
  const root = projectRoot();
  const named = config ?? process.env.CORDON_CONFIG;
  const file = named === undefined ? path.join(root, 'config', 'cordon.yaml') : path.resolve(named);
  if (named === undefined) writeDefault(file);
  const overrides = { 'server.port': port, dataDirectory: data === undefined ? undefined : path.resolve(data) };
  return { config: loadConfig({ root, file, environment: process.env, overrides, connectors }), file };
}

/** Writes the first configuration where there is none. @throws CordonError `cli.config_not_writable` */
export function writeDefault(file: string): void {
  try {
    writeFirstConfig(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw cliErrors.create('cli.config_not_writable', { detail: `${file} (${code})`, cause: error });
  }
}
