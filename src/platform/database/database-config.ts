import pg from 'pg';

/** How to reach a database and how patient to be with it. */
export interface DatabaseConfig {
  /** `postgresql://user:password@host:port/database`, or with `?host=/socket/folder`. */
  readonly url: string;
  /** Connections of the pool, default 10. */
  readonly poolSize?: number;
  /** Shown in pg_stat_activity, default `cordon`. */
  readonly applicationName?: string;
  /** Milliseconds, default 30 000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds, default 5 000. */
  readonly lockTimeoutMs?: number;
  /** Milliseconds until a connection must stand, default 5 000. */
  readonly connectTimeoutMs?: number;
}

export const POOL_SIZE = 10;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/** The client gives up this much later than the server would: it only fires when the server no longer answers. */
const CLIENT_GRACE_MS = 5_000;

const INT8 = 20;
const INT8_ARRAY = 1016;

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`the bigint ${text} does not fit a JavaScript number`);
  return value;
}

/** Positions, counts and fences fit a number; node-postgres gives them as text. Set on our connections only, never globally. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    const parse = pg.types.getTypeParser(oid, format) as (text: string) => unknown;
    if (format === 'binary') return parse;
    if (oid === INT8) return safeInteger;
    if (oid === INT8_ARRAY) return (text: string) => (parse(text) as (string | null)[]).map((item) => (item === null ? null : safeInteger(item)));
    return parse;
  },
};

/** Settings of one node-postgres connection. */
export function connectionSettings(config: DatabaseConfig): pg.ClientConfig {
  const statementTimeout = config.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  return {
    connectionString: config.url,
    application_name: config.applicationName ?? 'cordon',
    connectionTimeoutMillis: config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeout,
    lock_timeout: config.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: statementTimeout === 0 ? undefined : statementTimeout + CLIENT_GRACE_MS,
    keepAlive: true,
    types,
  };
}

/** The user a connection string logs in as. */
export function userOf(url: string): string {
  const { user } = new pg.Client({ connectionString: url });
  return user ?? '';
}
