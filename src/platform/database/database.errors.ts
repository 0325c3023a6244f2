import { types } from 'node:util';
import { defineErrors } from '../../kernel/index.js';

export const databaseErrors = defineErrors({
  'platform.database_unavailable': {
    status: 503,
    title: 'The database cannot be reached',
    remedy: 'Check that PostgreSQL is running and that database.url names it; the request can be repeated.',
    retryable: true,
  },
  'platform.commit_unknown': {
    status: 503,
    title: 'The connection broke during a commit, so its outcome is not known',
    remedy: 'Repeat the request: what was stored already is recognised and not stored twice.',
    retryable: true,
  },
  'platform.database_timeout': {
    status: 503,
    title: 'The database did not answer in time',
    remedy: 'Repeat the request later; if it stays, look for long-running queries and at the load of the database.',
    retryable: true,
  },
  'platform.database_busy': {
    status: 503,
    title: 'The database is busy: a lock was not free in time',
    remedy: 'Repeat the request later.',
    retryable: true,
  },
  'platform.database_conflict': {
    status: 503,
    title: 'The transaction collided with another one and was rolled back',
    remedy: 'Repeat the request.',
    retryable: true,
  },
  'platform.database_full': {
    status: 503,
    title: 'The database has no space left',
    remedy: 'Free disk space for PostgreSQL, or shorten the retention of events.',
    retryable: true,
  },
  'platform.database_denied': {
    status: 500,
    title: 'The database refused the user or a privilege',
    remedy: 'Check user and password in database.url; then run `cordon db migrate`, which grants what the application user needs.',
  },
  'platform.database_missing': {
    status: 500,
    title: 'The database or its schema does not exist',
    remedy: 'Create the database that database.url names, then run `cordon db migrate`.',
  },
  'platform.schema_newer': {
    status: 500,
    title: 'The database schema is newer than this version of cordon',
    remedy: 'Start the version that migrated the database, or a later one, or restore a backup made by this version.',
  },
  'platform.schema_older': {
    status: 500,
    title: 'The database schema is older than this version of cordon',
    remedy: 'Run `cordon db migrate` with database.ownerUrl set.',
  },
  'platform.migration_locked': {
    status: 503,
    title: 'Another process is migrating the database',
    remedy: 'Wait until it is done and repeat; the lock goes with its connection.',
    retryable: true,
  },
  'platform.migration_failed': {
    status: 500,
    title: 'A migration failed and was rolled back',
    remedy: 'Read the detail, remove the cause and run `cordon db migrate` again; migrations that had finished stay.',
  },
  'platform.database_too_old': {
    status: 500,
    title: 'PostgreSQL is older than version 15',
    remedy: 'Use PostgreSQL 15 or later.',
  },
});

interface CodedError extends Error {
  readonly code: string;
}

/** Also true for errors of Node's core in a context of its own (a test runner's), where `instanceof` is not. */
function isError(error: unknown): error is Error {
  return types.isNativeError(error);
}

function hasCode(error: unknown): error is CodedError {
  return isError(error) && 'code' in error && typeof error.code === 'string';
}

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The SQLSTATE of an error that PostgreSQL itself reported, looking through TypeORM's wrapper. */
export function sqlState(error: unknown): string | undefined {
  if (isError(error) && 'driverError' in error) return sqlState(error.driverError);
  return hasCode(error) && 'severity' in error && SQLSTATE.test(error.code) ? error.code : undefined;
}

/** node-postgres reports these as plain errors without a code. */
const CONNECTION_MESSAGES = /connection terminated|connection ended|timeout exceeded when trying to connect|client was closed|not queryable|query read timeout|socket (?:hang up|has been ended)|cannot use a pool after calling end/i;
const SOCKET_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'EACCES', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether the connection, not the statement, failed: what the server did with the statement is then unknown. */
export function isConnectionFailure(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P') || state === '53300';
  if (isError(error) && 'errors' in error && Array.isArray(error.errors)) return error.errors.some(isConnectionFailure);
  if (isError(error) && 'driverError' in error) return isConnectionFailure(error.driverError);
  if (hasCode(error) && SOCKET_CODES.has(error.code)) return true;
  return isError(error) && CONNECTION_MESSAGES.test(error.message);
}

type DatabaseErrorCode = Parameters<typeof databaseErrors.create>[0];

const BY_SQLSTATE: Readonly<Record<string, DatabaseErrorCode>> = {
  '57014': 'platform.database_timeout',
  '55P03': 'platform.database_busy',
  '40001': 'platform.database_conflict',
  '40P01': 'platform.database_conflict',
  '53100': 'platform.database_full',
  '28000': 'platform.database_denied',
  '28P01': 'platform.database_denied',
  '42501': 'platform.database_denied',
  '3D000': 'platform.database_missing',
  '42P01': 'platform.database_missing',
};

/**
 * Gives an error of node-postgres or TypeORM its entry in the catalogue. What has none (a violated constraint, wrong SQL)
 * comes back unchanged, for the module that ran the statement to judge.
 */
export function toDatabaseError(error: unknown): unknown {
  const detail = isError(error) ? error.message || (hasCode(error) ? error.code : error.name) : String(error);
  if (isConnectionFailure(error)) return databaseErrors.create('platform.database_unavailable', { detail, retryAfter: 1, cause: error });
  const code = BY_SQLSTATE[sqlState(error) ?? ''];
  return code ? databaseErrors.create(code, { detail, retryAfter: 1, cause: error }) : error;
}
