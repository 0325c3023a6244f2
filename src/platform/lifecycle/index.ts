export { Lifecycle, PHASES, type Component, type Phase } from './lifecycle.js';
export { lifecycleLogEvents } from './lifecycle.log-events.js';
