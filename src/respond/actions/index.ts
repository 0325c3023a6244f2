export { ActionRegistry, type ActionRegistryParts, type ActionStatus } from './action-registry.js';
export { describeActions } from './describe-actions.js';
