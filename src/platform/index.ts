export * from './telemetry/index.js';
export { KEY_NAMES, KeyRing, openKeyRing, type KeyName } from './keys/key-ring.js';
export * from './database/index.js';
export * from './health/index.js';
export * from './lifecycle/index.js';
