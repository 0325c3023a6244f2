import { defineLogEvents } from '../platform/index.js';

export const auditLogEvents = defineLogEvents({
  'audit.checkpoint_signed': { level: 'info', message: 'The end of the audit trail was signed; this line, kept elsewhere, shows a later change of what is before it' },
  'audit.chain_changed': { level: 'error', message: 'The end of the audit trail was changed past the product; run cordon audit verify with a checkpoint that was kept elsewhere' },
  'audit.sealing_behind': { level: 'warn', message: 'Audit rows wait to be sealed for longer than they should' },
  'audit.sealing_caught_up': { level: 'info', message: 'Audit rows are sealed in time again' },
});
