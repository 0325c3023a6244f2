export { configErrors } from './config.errors.js';
export { configJsonSchema, configKeys, type ConfigKey } from './config-keys.js';
export type { FieldPolicyRule } from './config-schema.js';
export { parseDuration } from './duration.js';
export { writeFirstConfig } from './first-config.js';
export { loadConfig, type ConfigSources } from './load-config.js';
export type { ResolvedConfig, ResolvedSource } from './resolve-secrets.js';
export { Secret } from './secret.js';
export { writeOnce } from './write-once.js';
