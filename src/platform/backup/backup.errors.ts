import { defineErrors } from '../../kernel/index.js';

export const backupErrors = defineErrors({
  'platform.backup_target': {
    status: 500,
    title: 'The backup cannot be written to this folder',
    remedy: 'Name a folder that does not exist yet or is empty, and that this user may write.',
  },
  'platform.backup_unreadable': {
    status: 500,
    title: 'This folder does not hold a complete backup',
    remedy: 'Name the folder that `cordon db backup` wrote; one without manifest.json was cut off.',
  },
  'platform.restore_schema': {
    status: 500,
    title: 'The backup was made of another version of the schema',
    remedy: 'Restore with the version that made the backup, then migrate.',
  },
  'platform.restore_not_empty': {
    status: 500,
    title: 'The database that should take the backup is not empty',
    remedy: 'Restore into a new database: `cordon db migrate`, then `cordon db restore`, before the first start.',
  },
  'platform.restore_mismatch': {
    status: 500,
    title: 'What was restored differs from the backup; nothing was kept',
    remedy: 'The backup is damaged: take another one.',
  },
});
