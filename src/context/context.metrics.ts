import { defineMetrics } from '../platform/index.js';

export const contextMetrics = defineMetrics({
  cordon_context_imports_total: { type: 'counter', help: 'Imports of people, accounts and endpoints: applied, checked or refused.', labels: ['result'] },
});
