import { defineErrors } from '../kernel/index.js';

export const configErrors = defineErrors({
  'config.unreadable': {
    status: 500,
    title: 'The configuration file cannot be read',
    remedy: 'Check that the file exists and that this user may read it, or name another one with --config.',
  },
  'config.not_yaml': {
    status: 500,
    title: 'The configuration file is not valid YAML',
    remedy: 'Mend the line that the message names; `cordon config check` reads the file without starting anything.',
  },
  'config.unknown_key': {
    status: 500,
    title: 'The configuration has a key that does not exist',
    remedy: 'Correct the spelling or remove the key; docs/config.md lists every key.',
  },
  'config.invalid_value': {
    status: 500,
    title: 'The configuration has a value that cannot be used',
    remedy: 'Give a value of the form that docs/config.md shows for this key.',
  },
  'config.secret_missing': {
    status: 500,
    title: 'A secret that the configuration refers to is not there',
    remedy: 'Set the environment variable or create the file that the reference names (mode 0600, readable by this user).',
  },
});
