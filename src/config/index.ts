export { parseAllowEntry, type AllowEntry } from './allow-entry.js';
export { configErrors } from './config.errors.js';
export { configJsonSchema, configKeys, type ConfigKey } from './config-keys.js';
export type { ConfigurableConnector, FieldPolicyRule } from './config-schema.js';
export { parseDuration, Secret } from '../kernel/index.js';
export { writeFirstConfig } from './first-config.js';
export { loadConfig, type ConfigSources } from './load-config.js';
export type { ResolvedConfig, ResolvedSource } from './resolve-secrets.js';
export { writeOnce } from './write-once.js';
