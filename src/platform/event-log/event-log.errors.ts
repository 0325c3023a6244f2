import { defineErrors } from '../../kernel/index.js';

export const eventLogErrors = defineErrors({
  'platform.log_busy': {
    status: 429,
    title: 'The event log is busy',
    remedy: 'Repeat the delivery after the time in Retry-After; nothing of it was stored.',
    retryable: true,
  },
  'platform.log_no_partition': {
    status: 503,
    title: 'The event log has no partition for the day of a record',
    remedy: 'Check the clock of the database; partitions are made for yesterday up to three days ahead. `cordon doctor` lists them.',
    retryable: true,
  },
});
