import { defineMetrics } from '../telemetry/index.js';

export const eventLogMetrics = defineMetrics({
  cordon_log_partitions_dropped_total: { type: 'counter', help: 'Daily partitions dropped by retention.', labels: ['table'] },
  cordon_log_lost_records_total: { type: 'counter', help: 'Records dropped by retention before a reader had read them.', labels: ['reader'] },
  cordon_log_partition_failures_total: { type: 'counter', help: 'Failed attempts to create or drop partitions; each is repeated.' },
});
