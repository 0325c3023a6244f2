import { defineLogEvents } from '../telemetry/index.js';

export const lifecycleLogEvents = defineLogEvents({
  'lifecycle.stop_failed': { level: 'error', message: 'A component failed to stop cleanly; the others are stopped all the same' },
});
