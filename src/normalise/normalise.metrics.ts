import { defineMetrics } from '../platform/index.js';

export const normaliseMetrics = defineMetrics({
  cordon_normalise_records_total: { type: 'counter', help: 'Records taken from the log, by stream and result (event, dropped, error).', labels: ['stream', 'result'] },
  cordon_normalise_position: { type: 'gauge', help: 'Log position the normaliser has reached.' },
});
