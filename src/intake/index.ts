export { Intake, type DeliveryResult, type IntakeLimits, type IntakeParts } from './intake.js';
export { intakeErrors } from './intake.errors.js';
export { intakeLogEvents } from './intake.log-events.js';
export { intakeMetrics } from './intake.metrics.js';
export { registerIntakeRoutes } from './intake.routes.js';
export type { ReplayGuard } from './replay-guard.js';
export { signatureHeader } from './signature.js';
export { compileSources, type IntakeSource } from './sources.js';
