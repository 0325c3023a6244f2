import { defineMetrics } from '../platform/index.js';

export const breachMetrics = defineMetrics({
  cordon_breach_cases_opened_total: { type: 'counter', help: 'Breach cases opened.' },
  cordon_breach_cases_closed_total: { type: 'counter', help: 'Breach cases closed, by decision.', labels: ['decision'] },
});
