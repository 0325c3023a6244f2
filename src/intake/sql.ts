/**
 * Binds signatures that are new and gives their number. $1 signatures of $2 bytes each, one behind the other: an array of
 * bytea would travel as hex text and be parsed item by item; $3 their deliveries, $4 until when they are fresh.
 */
export const BIND_SIGNATURES = {
  name: 'intake_bind_signatures',
  text: `
    WITH bound AS (
      INSERT INTO intake_signature (signature, delivery, expires_at)
      SELECT substring($1::bytea FROM ((n - 1) * $2::integer + 1)::integer FOR $2), delivery, $4::timestamptz
        FROM unnest($3::text[]) WITH ORDINALITY AS new (delivery, n)
       ORDER BY 1
      ON CONFLICT (signature) DO NOTHING
      RETURNING 1)
    SELECT count(*)::integer AS bound FROM bound`,
};

/**
 * The deliveries that signatures belong to; parameters as above. A statement of its own, after the one that binds: only a
 * later snapshot sees the row of a concurrent transaction on which that one waited.
 */
export const READ_SIGNATURES = {
  name: 'intake_read_signatures',
  text: `
    SELECT signature, delivery FROM intake_signature
     WHERE signature = ANY (ARRAY(SELECT substring($1::bytea FROM (n - 1) * $2::integer + 1 FOR $2) FROM generate_series(1, length($1::bytea) / $2::integer) AS n))`,
};

export const FORGET_SIGNATURES = 'DELETE FROM intake_signature WHERE expires_at < $1';

/** One array a column: $1 sources, $2 reasons, $3 minutes, $4 counts */
export const ADD_REFUSALS = `
  INSERT INTO refusal_counter (source, reason, minute, count)
  SELECT source, reason, minute, count FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) AS row (source, reason, minute, count)
  ON CONFLICT (minute, source, reason) DO UPDATE SET count = refusal_counter.count + excluded.count`;
