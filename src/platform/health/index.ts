export { HealthController } from './health.controller.js';
export { healthLogEvents } from './health.log-events.js';
export { Readiness, type ComponentState, type ReadinessCheck } from './readiness.js';
