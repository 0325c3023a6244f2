import { defineLogEvents } from '../platform/index.js';

export const cliLogEvents = defineLogEvents({
  'cli.draining': { level: 'info', message: 'Stopping: no new requests, what is in flight is finished' },
  'cli.drain_timeout': { level: 'warn', message: 'Not everything ended within server.drainTimeout; the database is stopped now' },
  'cli.stop_timeout': { level: 'error', message: 'The database did not stop in time; this process ends and the next start takes it over' },
});
