/**
 * Binds each signature to the delivery it came with first and gives the delivery it is bound to. DO UPDATE instead of DO
 * NOTHING, because only so is the row of a concurrent transaction, which this snapshot does not see, returned.
 */
export const BIND_SIGNATURES = {
  name: 'intake_bind_signatures',
  text: `
    INSERT INTO intake_signature AS known (signature, delivery, expires_at)
    SELECT signature, delivery, expires_at FROM unnest($1::bytea[], $2::text[], $3::timestamptz[]) AS new (signature, delivery, expires_at)
    ORDER BY signature
    ON CONFLICT (signature) DO UPDATE SET delivery = known.delivery
    RETURNING signature, delivery`,
};

export const FORGET_SIGNATURES = 'DELETE FROM intake_signature WHERE expires_at < $1';

/** One array a column: $1 sources, $2 reasons, $3 minutes, $4 counts */
export const ADD_REFUSALS = `
  INSERT INTO refusal_counter (source, reason, minute, count)
  SELECT source, reason, minute, count FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) AS row (source, reason, minute, count)
  ON CONFLICT (minute, source, reason) DO UPDATE SET count = refusal_counter.count + excluded.count`;
