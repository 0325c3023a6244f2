import { defineErrors } from '../kernel/index.js';

export const cliErrors = defineErrors({
  'cli.port_taken': {
    status: 500,
    title: 'The port is taken',
    remedy: 'Stop the process that has it, or listen on another port: npm start -- --port 8788.',
  },
  'cli.address_refused': {
    status: 500,
    title: 'This address cannot be listened on',
    remedy: 'Give server.host an address of this machine, and server.port a number this user may use (1024 or higher).',
  },
  'cli.config_not_writable': {
    status: 500,
    title: 'The first configuration cannot be written',
    remedy: 'Give this user write access to the folder, or write a configuration elsewhere and name it with --config.',
  },
});
