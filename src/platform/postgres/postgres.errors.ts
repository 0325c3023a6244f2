import { defineErrors } from '../../kernel/index.js';

const EXTERNAL = 'set database.url to a PostgreSQL 15 or newer';

export const postgresErrors = defineErrors({
  'platform.postgres_missing': {
    status: 500,
    title: 'There is no embedded PostgreSQL for this platform',
    remedy: `Install the optional packages (npm ci --include=optional), or ${EXTERNAL}.`,
  },
  'platform.postgres_cannot_run': {
    status: 500,
    title: 'The embedded PostgreSQL cannot run here',
    remedy: `Put the data directory on a file system that allows programs to run (no noexec), or ${EXTERNAL}.`,
  },
  'platform.postgres_no_service_user': {
    status: 500,
    title: 'PostgreSQL refuses to run as root and no other user could run it',
    remedy: `Create a system user named cordon, start as an unprivileged user, or ${EXTERNAL}.`,
  },
  'platform.postgres_version_mismatch': {
    status: 500,
    title: 'The database files were written by another major version of PostgreSQL',
    remedy: 'Start the release that wrote them, run `cordon db backup`, then restore into an empty data directory with this release.',
  },
  'platform.postgres_wrong_owner': {
    status: 500,
    title: 'The database files belong to another user',
    remedy: 'Start as the user who started first, or name another data directory with --data.',
  },
  'platform.postgres_moved': {
    status: 500,
    title: 'The data directory and its database files do not belong together',
    remedy: 'Put the data directory back where it was, or restore a backup into an empty one.',
  },
  'platform.postgres_credentials_missing': {
    status: 500,
    title: 'The database files are there, but their passwords are not',
    remedy: 'Put database.json back into the data directory from a copy, or move the database files away to begin anew.',
  },
  'platform.postgres_start_failed': {
    status: 500,
    title: 'The embedded PostgreSQL did not start',
    remedy: 'The detail quotes its own last messages; the log folder named there has the rest.',
  },
  'platform.postgres_stop_failed': {
    status: 500,
    title: 'The embedded PostgreSQL did not stop',
    remedy: 'Look for sessions that hang and stop the process named in the detail by hand.',
  },
});
