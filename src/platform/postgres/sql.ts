import { escapeIdentifier, escapeLiteral } from 'pg';

/** All statements of this folder; each runs as the superuser, who does nothing else. */
export const sql = {
  identity: `SELECT current_setting('data_directory') AS directory, current_setting('server_version') AS version`,
  roles: 'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY($1)',
  databases: 'SELECT datname AS name FROM pg_database WHERE datname = $1',

  createRole: (name: string, password: string) => `CREATE ROLE ${escapeIdentifier(name)} LOGIN PASSWORD ${escapeLiteral(password)}`,
  createDatabase: (name: string, owner: string) =>
    `CREATE DATABASE ${escapeIdentifier(name)} OWNER ${escapeIdentifier(owner)} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`,
  /** Nobody but the two roles may connect, and nobody but the owner makes tables. */
  restrictDatabase: (name: string, app: string) =>
    `REVOKE ALL ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC; GRANT CONNECT, TEMPORARY ON DATABASE ${escapeIdentifier(name)} TO ${escapeIdentifier(app)}`,
} as const;
