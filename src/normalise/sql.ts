/** Every statement of the module. Parameters are listed above each. */

/** One array a column: $1 record ids, $2 positions, $3 sources, $4 streams, $5 codes, $6 messages, $7 encrypted raw records; $8 now */
export const INSERT_PIPELINE_ERRORS = `
  INSERT INTO pipeline_error (record_id, position, source, stream, code, message, raw, at)
  SELECT record_id, position, source, stream, code, message, raw, $8
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[])
      AS row (record_id, position, source, stream, code, message, raw)
  ON CONFLICT (record_id) DO NOTHING`;

const COLUMNS = 'record_id, position, source, stream, code, message, status, at, resolved_at, replayed_as';

/** $1 status, $2 stream or null, $3 position after which, $4 limit */
export const LIST_PIPELINE_ERRORS = `
  SELECT ${COLUMNS} FROM pipeline_error
   WHERE status = $1 AND ($2::text IS NULL OR stream = $2) AND position > $3
   ORDER BY position LIMIT $4`;

/** $1 record id */
export const READ_PIPELINE_ERROR = `SELECT ${COLUMNS}, raw FROM pipeline_error WHERE record_id = $1`;

/** $1 stream or null, $2 limit */
export const LIST_OPEN_ERRORS = `
  SELECT ${COLUMNS} FROM pipeline_error
   WHERE status = 'open' AND ($1::text IS NULL OR stream = $1)
   ORDER BY position LIMIT $2`;

/** $1 record id, $2 id of the record it was appended as, $3 now. Gives a row where this call resolved it. */
export const MARK_REPLAYED = `
  UPDATE pipeline_error SET status = 'replayed', replayed_as = $2, resolved_at = $3, raw = ''
   WHERE record_id = $1 AND status = 'open' RETURNING record_id`;

/** $1 record id, $2 now */
export const MARK_DISCARDED = `
  UPDATE pipeline_error SET status = 'discarded', resolved_at = $2, raw = ''
   WHERE record_id = $1 AND status = 'open' RETURNING record_id`;
