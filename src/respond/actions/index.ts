export { ActionRegistry, type ActionRegistryParts, type ActionStatus } from './action-registry.js';
export { toActionResponse, type ActionResponse } from './action.schema.js';
export { ActionsModule } from './actions.module.js';
export { describeActions } from './describe-actions.js';
