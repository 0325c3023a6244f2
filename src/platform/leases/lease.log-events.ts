import { defineLogEvents } from '../telemetry/index.js';

export const leaseLogEvents = defineLogEvents({
  'platform.leased_task_failed': { level: 'error', message: 'A leased task failed; it is tried again' },
});
