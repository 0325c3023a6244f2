import { defineMetrics } from '../platform/index.js';

export const intakeMetrics = defineMetrics({
  cordon_intake_records_total: { type: 'counter', help: 'Records by outcome: stored, duplicate, clash, rejected.', labels: ['source', 'outcome'] },
  cordon_intake_refused_total: { type: 'counter', help: 'Deliveries refused as a whole, by reason. An unknown source counts under `_unknown`.', labels: ['source', 'reason'] },
  cordon_intake_bytes_total: { type: 'counter', help: 'Bytes of accepted bodies as received.', labels: ['source'] },
  cordon_intake_commit_records: { type: 'histogram', help: 'Records in one group commit.', buckets: [1, 4, 16, 64, 256, 1000] },
  cordon_intake_commit_seconds: { type: 'histogram', help: 'Duration of one group commit.', buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2] },
});
