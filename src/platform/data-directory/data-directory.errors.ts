import { defineErrors } from '../../kernel/index.js';

export const dataDirectoryErrors = defineErrors({
  'platform.data_directory_not_writable': {
    status: 500,
    title: 'The data directory cannot be written',
    remedy: 'Give this user write access to the directory, or name another one with --data.',
  },
  'platform.data_directory_in_use': {
    status: 500,
    title: 'Another cordon process uses this data directory',
    remedy: 'Stop that process first, or give this one a directory and a port of its own with --data and --port.',
  },
  'platform.disk_full': {
    status: 507,
    title: 'The disk is full',
    remedy: 'Free space on the file system of the data directory and start again.',
  },
});
