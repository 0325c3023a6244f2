import { defineErrors } from '../../kernel/index.js';

export const keysErrors = defineErrors({
  'platform.key_missing': {
    status: 500,
    title: 'A key of this installation is not configured',
    remedy: 'With database.url set, give keys.master, keys.token, keys.dedupe and keys.audit (`openssl rand -hex 32` makes one) and keys.admin (`cordon keys generate`) as env: or file: references.',
  },
  'platform.key_invalid': {
    status: 500,
    title: 'A key of this installation does not have 32 bytes',
    remedy: 'Give 64 hexadecimal digits or the base64 form of 32 bytes; `openssl rand -hex 32` makes one.',
  },
  'platform.decryption_failed': {
    status: 500,
    title: 'A quarantined record cannot be decrypted',
    remedy: 'Check that keys.master is the key that was in use when the record was stored.',
  },
});
