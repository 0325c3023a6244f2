import { defineLogEvents } from '../platform/index.js';

export const incidentLogEvents = defineLogEvents({
  'incident.opened': { level: 'info', message: 'An incident was opened' },
  'incident.reopened': { level: 'info', message: 'A closed incident was re-opened by a new signal' },
  'incident.merged': { level: 'info', message: 'Two incidents turned out to be one' },
  'incident.contained': { level: 'info', message: 'The containment of an incident was verified' },
  'incident.containment_ignored': { level: 'warn', message: 'A verified containment changed nothing, since its incident is unknown, closed or in another episode' },
  'incident.fact_rejected': { level: 'error', message: 'Grouping fails on this fact; it is left out of incidents' },
});
