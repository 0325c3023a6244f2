import { defineLogEvents } from '../telemetry/index.js';

export const healthLogEvents = defineLogEvents({
  'health.component_not_ready': { level: 'warn', message: 'A component cannot work; readiness is refused' },
  'health.component_recovered': { level: 'info', message: 'A component works again' },
});
