export const FORGET_SIGNATURES = 'DELETE FROM intake_signature WHERE expires_at < $1';

/** One array a column: $1 sources, $2 reasons, $3 minutes, $4 counts */
export const ADD_REFUSALS = `
  INSERT INTO refusal_counter (source, reason, minute, count)
  SELECT source, reason, minute, count FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) AS row (source, reason, minute, count)
  ON CONFLICT (minute, source, reason) DO UPDATE SET count = refusal_counter.count + excluded.count`;
