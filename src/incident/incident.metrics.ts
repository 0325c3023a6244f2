import { defineMetrics } from '../platform/index.js';

export const incidentMetrics = defineMetrics({
  cordon_incident_signals_total: { type: 'counter', help: 'Signals put into an incident, by the kind of entity they were grouped by.', labels: ['subject'] },
  cordon_incident_opened_total: { type: 'counter', help: 'Incidents opened, by level.', labels: ['level'] },
  cordon_incident_reopened_total: { type: 'counter', help: 'Closed incidents re-opened, by signals or by people.' },
  cordon_incident_merged_total: { type: 'counter', help: 'Incidents that went into another one.' },
  cordon_incident_contained_total: { type: 'counter', help: 'Incidents whose containment was verified.' },
  cordon_incident_closed_total: { type: 'counter', help: 'Incidents closed, by verdict.', labels: ['verdict'] },
});
