import { defineMetrics } from '../platform/index.js';

export const accessMetrics = defineMetrics({
  cordon_access_refused_total: {
    type: 'counter',
    help: 'API requests refused: missing, malformed, unknown (also a wrong secret), inactive key; forbidden; unavailable.',
    labels: ['reason'],
  },
});
