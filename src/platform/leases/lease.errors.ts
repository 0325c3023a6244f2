import { defineErrors } from '../../kernel/index.js';

export const leaseErrors = defineErrors({
  'platform.lease_lost': {
    status: 409,
    title: 'The lease of a worker was taken over by another instance',
    remedy: 'Nothing to do: the other instance continues the work. If it happens often, the database or this host stalls for seconds.',
    retryable: true,
  },
});
