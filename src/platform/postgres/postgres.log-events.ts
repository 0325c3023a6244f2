import { defineLogEvents } from '../telemetry/index.js';

export const postgresLogEvents = defineLogEvents({
  'platform.postgres_creating': { level: 'info', message: 'Creating the embedded database' },
  'platform.postgres_started': { level: 'info', message: 'The embedded database is up' },
  'platform.postgres_adopted': { level: 'warn', message: 'Took over the embedded database of a start that did not end properly' },
  'platform.postgres_adoption_failed': { level: 'warn', message: 'A running embedded database could not be taken over and is stopped' },
  'platform.postgres_waiting': { level: 'info', message: 'Waiting for the embedded database, it may be recovering' },
  'platform.postgres_relocated': { level: 'info', message: 'The service user cannot enter the data directory, the database files go elsewhere' },
  'platform.postgres_set_aside': { level: 'warn', message: 'Set database files aside whose data directory is gone' },
  'platform.postgres_died': { level: 'error', message: 'The embedded database stopped by itself and is started again' },
  'platform.postgres_restarted': { level: 'info', message: 'The embedded database is up again' },
  'platform.postgres_restart_failed': { level: 'error', message: 'The embedded database could not be started again' },
  'platform.postgres_stopped': { level: 'info', message: 'The embedded database is down' },
});
