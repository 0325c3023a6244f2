import { defineLogEvents } from '../platform/index.js';

export const detectLogEvents = defineLogEvents({
  'detect.rules_loaded': { level: 'info', message: 'Detection rules are in force' },
  'detect.rule_refused': { level: 'error', message: 'A rule does not compile and is not in force' },
  'detect.state_restored': { level: 'info', message: 'Window state was restored from its checkpoint' },
  'detect.event_rejected': { level: 'error', message: 'The rules fail on this event; it is left out of detection' },
  'detect.signal_fired': { level: 'info', message: 'A rule fired' },
});
