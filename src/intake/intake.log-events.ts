import { defineLogEvents } from '../platform/index.js';

export const intakeLogEvents = defineLogEvents({
  'intake.append_failed': { level: 'error', message: 'Records could not be stored and their senders were asked to retry' },
  'intake.append_recovered': { level: 'info', message: 'Records are stored again' },
  'intake.refusals_not_saved': { level: 'warn', message: 'Counters of refused deliveries could not be saved and are kept for the next try' },
  'intake.upkeep_failed': { level: 'warn', message: 'Old signatures could not be removed; it is tried again in a minute' },
  'intake.source_open': { level: 'warn', message: 'A source accepts records without authentication' },
});
