import { defineMetrics } from '../platform/index.js';

export const forwardMetrics = defineMetrics({
  cordon_forward_documents_total: { type: 'counter', help: 'Documents a sink answered for, by outcome: accepted, duplicate, rejected.', labels: ['sink', 'feed', 'outcome'] },
  cordon_forward_failures_total: { type: 'counter', help: 'Requests to a sink that came to nothing, by kind: unavailable, refused, too_large.', labels: ['sink', 'feed', 'kind'] },
  cordon_forward_up: { type: 'gauge', help: '1 while a sink takes documents, 0 while it does not.', labels: ['sink', 'feed'] },
});
