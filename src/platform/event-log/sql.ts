import { LOCK_CLASS } from '../database/sql.js';
import { withinBytes } from '../database/within-bytes.js';

const RECORD_COLUMNS = 'position, id, source, stream, delivery, item_index, body, received_at';

export const APPEND = {
  name: 'log_append',
  text: 'SELECT status, position, original_id FROM log_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
} as const;

/** $1 to $4 bind: keys of $2 bytes one behind the other, their holders, and until when they are kept; then as above. */
export const APPEND_BOUND = {
  name: 'intake_append',
  text: 'SELECT status, position, original_id FROM intake_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
} as const;

export const READ = {
  name: 'log_read',
  text: withinBytes({
    columns: RECORD_COLUMNS,
    rows: `SELECT ${RECORD_COLUMNS} FROM log_record WHERE position > $1 ORDER BY position LIMIT $2`,
    order: 'position',
    size: 'octet_length(body)',
  }),
} as const;

export const CREATE_PARTITION = 'SELECT partition_create($1, $2::date) AS done';

export const DROP_PARTITION = 'SELECT partition_drop($1, $2::date) AS done';

export const PARTITION_DAYS = 'SELECT day FROM partition_days($1) AS day';

export const TRIM_DEDUPE = 'SELECT log_dedupe_trim($1) AS count';

export const TRIM_DIGESTS = 'SELECT log_digest_trim($1) AS count';

/** Taken by one trimming process at a time; dropped partitions need locks that two of them would want in turn. */
export const TRY_TRIM_LOCK = `SELECT pg_try_advisory_xact_lock(${LOCK_CLASS}, 4) AS locked`;

type Partitioned = 'log_record' | 'event';

/** Readers of a table with rows of one day still ahead of them, and how many. */
export const readersBehind = (table: Partitioned): string => `
  SELECT cursor.name, (SELECT count(*) FROM ${table} r WHERE r.received_at >= $2 AND r.received_at < $3 AND r.position > cursor.position) AS ahead
  FROM consumer_cursor cursor
  WHERE cursor.reads = $1 AND cursor.position < (SELECT max(r.position) FROM ${table} r WHERE r.received_at >= $2 AND r.received_at < $3)`;

export const MARK_LOSSY = 'UPDATE consumer_cursor SET lost = lost + $2, lossy_at = $3 WHERE name = $1';
