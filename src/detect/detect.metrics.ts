import { defineMetrics } from '../platform/index.js';

export const detectMetrics = defineMetrics({
  cordon_detect_events_total: { type: 'counter', help: 'Events that detection has processed.' },
  cordon_detect_signals_total: { type: 'counter', help: 'Signals stored, by rule and level.', labels: ['rule', 'level'] },
  cordon_detect_too_late_total: { type: 'counter', help: 'Events that arrived behind the allowed lateness of their source and did not count in windows.' },
  cordon_detect_future_capped_total: { type: 'counter', help: 'Events whose time lay too far ahead of their arrival and was capped.' },
  cordon_detect_evicted_groups_total: { type: 'counter', help: 'Groups dropped from windows because a rule held its maximum.' },
  cordon_detect_groups: { type: 'gauge', help: 'Groups with open windows.' },
  cordon_detect_position: { type: 'gauge', help: 'Log position detection has reached.' },
  cordon_detect_rules: { type: 'gauge', help: 'Rules in force, by kind.', labels: ['kind'] },
  cordon_detect_batch_seconds: { type: 'histogram', help: 'Time of one batch from read to commit.', buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] },
});
