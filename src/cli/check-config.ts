import { parseAdminKey } from '../access/index.js';
import type { ResolvedConfig } from '../config/index.js';
import { connectors } from '../connectors.js';
import { StreamRegistry } from '../normalise/index.js';
import { configuredKeys } from '../platform/index.js';
import { readConfig } from './read-config.js';

/**
 * Everything in the configuration that would end a start, found without starting: keys, values, secrets and streams.
 * @throws CordonError `config.*`, `platform.key_*`, `access.malformed_admin_key`, `normalise.unknown_stream`
 */
export function checkConfig(file?: string): ResolvedConfig {
  const config = readConfig(file);
  configuredKeys(config);
  if (config.keys.admin) parseAdminKey(config.keys.admin.reveal());
  const streams = new StreamRegistry(connectors);
  for (const { stream } of Object.values(config.sources)) streams.require(stream);
  return config;
}
