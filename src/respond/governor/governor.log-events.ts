import { defineLogEvents } from '../../platform/index.js';

export const governorLogEvents = defineLogEvents({
  'governor.kill_switch_on': { level: 'warn', message: 'A kill switch was set: the actions of its scope do not run' },
  'governor.kill_switch_off': { level: 'warn', message: 'A kill switch was lifted' },
  'governor.cap_spent': { level: 'warn', message: 'A cap is spent: an action that would have run by itself asks a person' },
});
