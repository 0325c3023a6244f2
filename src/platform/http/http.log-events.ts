import { defineLogEvents } from '../telemetry/index.js';

export const httpLogEvents = defineLogEvents({
  'http.request_failed': { level: 'error', message: 'A request failed through a fault of the server' },
});
