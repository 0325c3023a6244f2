export { breachErrors } from './breach.errors.js';
export { BreachModule } from './breach.module.js';
export { readAssessment, type Assessment } from './read-assessment.js';
export { assess } from './engine/assess.js';
export { regimes } from './engine/regimes.js';
export { toDutyResponse } from './breach.schema.js';
