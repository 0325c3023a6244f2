import { defineMetrics } from '../platform/index.js';

export const detectMetrics = defineMetrics({
  cordon_detect_events_total: { type: 'counter', help: 'Events that detection has processed.' },
  cordon_detect_signals_total: { type: 'counter', help: 'Signals stored, by rule and level.', labels: ['rule', 'level'] },
  cordon_detect_too_late: { type: 'gauge', help: 'Matched events so far that came later than their source may and so did not count in windows.' },
  cordon_detect_future_capped: { type: 'gauge', help: 'Events so far whose time lay too far ahead of their arrival and was replaced by it.' },
  cordon_detect_groups: { type: 'gauge', help: 'Groups with open windows, by correlation.', labels: ['rule'] },
  cordon_detect_evicted_groups: { type: 'gauge', help: 'Groups so far that were dropped because their correlation held its maximum.', labels: ['rule'] },
  cordon_detect_evicted_entries: { type: 'gauge', help: 'Window entries so far that were dropped because their group held its maximum.', labels: ['rule'] },
  cordon_detect_position: { type: 'gauge', help: 'Log position detection has reached.' },
  cordon_detect_rules: { type: 'gauge', help: 'Rules in force, by kind.', labels: ['kind'] },
});
