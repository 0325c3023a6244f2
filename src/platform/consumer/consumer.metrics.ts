import { defineMetrics } from '../telemetry/index.js';

export const consumerMetrics = defineMetrics({
  cordon_consumer_rows_total: { type: 'counter', help: 'Rows whose batch was committed.', labels: ['consumer'] },
  cordon_consumer_batches_total: { type: 'counter', help: 'Committed batches.', labels: ['consumer'] },
  cordon_consumer_resets_total: { type: 'counter', help: 'Times a worker dropped its state and started again from its cursor.', labels: ['consumer'] },
  cordon_consumer_rejected_rows_total: { type: 'counter', help: 'Rows left out because every batch with them failed.', labels: ['consumer'] },
  cordon_consumer_position: { type: 'gauge', help: 'Position up to which a worker has committed.', labels: ['consumer'] },
  cordon_consumer_batch_seconds: { type: 'histogram', help: 'Time from the read of a batch to its commit.', labels: ['consumer'], buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
});
