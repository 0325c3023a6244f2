export { normaliseErrors } from './normalise.errors.js';
export { StreamRegistry } from './stream-registry.js';
export { NormaliseModule } from './normalise.module.js';
