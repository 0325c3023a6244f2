export { EventDays } from './event-days.js';
export { PostgresEventLog } from './postgres-event-log.js';
export { PartitionManager, type RetentionOptions, type TrimResult } from './partition-manager.js';
