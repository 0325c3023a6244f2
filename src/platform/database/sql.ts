/** Begins and reads the clock in one round trip. */
export const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED; SELECT clock_timestamp() AS now';

export const COMMIT = 'COMMIT';

export const ROLLBACK = 'ROLLBACK';

export const CLOCK = 'SELECT clock_timestamp() AS now';

export const SERVER_VERSION = "SELECT current_setting('server_version_num')::integer AS version";

/** Class of our advisory locks ("CORD"); the second number says which. 1 is the log's, 2 the partitions', in the migrations. */
export const LOCK_CLASS = 0x434f5244;
export const MIGRATION_LOCK = 3;

export const TRY_MIGRATION_LOCK = 'SELECT pg_try_advisory_lock($1, $2) AS locked';

export const identifiers = (names: readonly string[]): string => names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');

export const copyFrom = (table: string, columns: readonly string[]): string => `COPY ${identifiers([table])} (${identifiers(columns)}) FROM STDIN`;
