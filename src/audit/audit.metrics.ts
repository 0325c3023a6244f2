import { defineMetrics } from '../platform/index.js';

export const auditMetrics = defineMetrics({
  cordon_audit_unsealed: { type: 'gauge', help: 'Audit rows that are not linked into the chain yet.' },
  cordon_audit_unsealed_age_seconds: { type: 'gauge', help: 'Age of the oldest of them, 0 for none. More than a few seconds: nothing seals.' },
  cordon_audit_entries: { type: 'gauge', help: 'Number of the newest entry of the chain.' },
  cordon_audit_sealed_total: { type: 'counter', help: 'Entries linked into the chain by this process.' },
  cordon_audit_checkpoints_total: { type: 'counter', help: 'Checkpoints signed by this process.' },
  cordon_audit_chain_changes_total: { type: 'counter', help: 'Times the end of the chain was not where this process had left it while it alone may seal.' },
});
