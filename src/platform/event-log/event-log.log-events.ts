import { defineLogEvents } from '../telemetry/index.js';

export const eventLogEvents = defineLogEvents({
  'platform.partition_dropped': { level: 'info', message: 'A daily partition was dropped by retention' },
  'platform.reader_behind': { level: 'warn', message: 'Retention waits for a slow reader' },
  'platform.reader_lossy': { level: 'error', message: 'Retention dropped records that a reader had not read' },
  'platform.partitions_failed': { level: 'error', message: 'Partitions could not be kept up; the attempt is repeated' },
});
