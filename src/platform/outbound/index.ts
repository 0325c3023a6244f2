export type { GuardedAgents } from './guarded-agents.js';
export { Outbound, type OutboundOptions } from './outbound.js';
export { outboundErrors } from './outbound.errors.js';
