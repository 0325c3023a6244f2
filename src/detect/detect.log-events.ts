import { defineLogEvents } from '../platform/index.js';

export const detectLogEvents = defineLogEvents({
  'detect.rules_loaded': { level: 'info', message: 'Detection rules are in force' },
  'detect.rule_refused': { level: 'error', message: 'A rule does not compile and is not in force' },
  'detect.state_restored': { level: 'info', message: 'Window state was restored from its checkpoint' },
  'detect.state_dropped': { level: 'warn', message: 'Window state in memory was dropped and will be read again, since a commit failed' },
  'detect.signal_fired': { level: 'info', message: 'A rule fired' },
});
