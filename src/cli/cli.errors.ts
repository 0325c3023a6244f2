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
  'cli.source_unknown': {
    status: 400,
    title: 'The configuration has no such source',
    remedy: 'Name one of the sources of the configuration, or give --url and --secret-file.',
  },
  'cli.send_failed': {
    status: 503,
    title: 'The records were not taken by the server',
    remedy: 'Check that the server runs and which error it gave (docs/errors.md); the same call with the --delivery that the message names stores nothing twice.',
    retryable: true,
  },
  'cli.key_unreadable': {
    status: 400,
    title: 'The API key cannot be read',
    remedy: 'Name a file that holds one key of yours with --key-file; `cordon keys create --out FILE` writes one.',
  },
  'cli.server_unreachable': {
    status: 503,
    title: 'The server does not answer',
    remedy: 'Check that it runs, and where: server.host and server.port of the configuration, or --url.',
    retryable: true,
  },
  'cli.database_not_running': {
    status: 500,
    title: 'The embedded database is not running',
    remedy: 'Start the server (npm start), or give database.url.',
  },
  'cli.file_exists': {
    status: 409,
    title: 'The file exists and is not written over',
    remedy: 'Name a file that does not exist yet.',
  },
});
