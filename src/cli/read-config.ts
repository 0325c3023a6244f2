import path from 'node:path';
import { loadConfig, type ResolvedConfig } from '../config/index.js';
import { connectors } from '../connectors.js';
import { projectRoot } from './project-root.js';

/**
 * The configuration for a command that only reads it: the named file, else CORDON_CONFIG, else config/cordon.yaml.
 * @throws CordonError `config.*`
 */
export function readConfig(named?: string): ResolvedConfig {
  const root = projectRoot();
  const file = named ?? process.env.CORDON_CONFIG ?? path.join(root, 'config', 'cordon.yaml');
  return loadConfig({ root, file: path.resolve(file), environment: process.env, connectors });
}
