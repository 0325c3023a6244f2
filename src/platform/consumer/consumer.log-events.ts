import { defineLogEvents } from '../telemetry/index.js';

export const consumerEvents = defineLogEvents({
  'platform.consumer_started': { level: 'info', message: 'A worker took its lease and started' },
  'platform.consumer_lease_lost': { level: 'warn', message: 'A worker lost its lease to another instance' },
  'platform.consumer_failed': { level: 'error', message: 'A worker failed; it starts again from its cursor' },
  'platform.consumer_row_rejected': { level: 'error', message: 'A worker left out one row that made every batch with it fail' },
});
