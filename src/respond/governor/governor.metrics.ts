import { defineMetrics } from '../../platform/index.js';

export const governorMetrics = defineMetrics({
  cordon_governor_decisions_total: { type: 'counter', help: 'Decisions on effects before their call: go, ask or refuse, by class of action.', labels: ['class', 'decision'] },
  cordon_governor_vetoes_total: { type: 'counter', help: 'Effects that a kill switch stopped right before their call.', labels: ['class'] },
  cordon_governor_caps_spent_total: { type: 'counter', help: 'Effects that a spent cap kept from running by themselves.', labels: ['class'] },
  cordon_governor_slots_released_total: { type: 'counter', help: 'Slots given back by effects that in the end did nothing.' },
});
