import { defineErrors } from '../kernel/index.js';

export const auditErrors = defineErrors({
  'audit.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter that the detail names; docs/how-to/audit.md lists them.',
  },
  'audit.no_checkpoint': {
    status: 404,
    title: 'The audit trail has no signed checkpoint yet',
    remedy: 'Wait until the running product has signed one, at the latest audit.checkpointInterval after the first entry.',
  },
  'audit.checkpoint_invalid': {
    status: 400,
    title: 'This is not a checkpoint that was signed',
    remedy: 'Give the line that `cordon audit checkpoint` printed, unchanged, or a file with it.',
  },
  'audit.checkpoint_not_compared': {
    status: 400,
    title: 'None of the given checkpoints could be compared',
    remedy: 'They name entries that stand before the export begins: verify an export that reaches back to one of them, or the database itself.',
  },
  'audit.public_key_invalid': {
    status: 400,
    title: 'This is not a public key of audit checkpoints',
    remedy: 'Give the text that `cordon audit public-key` printed: ed25519: and 43 characters.',
  },
  'audit.no_key': {
    status: 500,
    title: 'The key that signs audit checkpoints is not on this host',
    remedy: 'Configure keys.audit, or run this where the data directory with keys/audit.key is.',
  },
  'audit.file_unreadable': {
    status: 400,
    title: 'The file cannot be read as an export of the audit trail',
    remedy: 'Give a file that `cordon audit export` or GET /v1/audit/export wrote.',
  },
});
