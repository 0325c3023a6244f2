/** Class of the advisory locks that running instances hold as a sign of life (two-key form, so no clash with the log's locks). */
export const BEACON_CLASS = 0x636f7264;

/** $1 class, $2 beacon */
export const LIGHT_BEACON = 'SELECT pg_try_advisory_lock($1, $2) AS lit';

/**
 * Takes a lease that is free, expired, already the holder's, or of a holder whose beacon went out: PostgreSQL drops the
 * lock with the connection of a killed process, long before the lease ends. The fence rises with each change of hands.
 */
export const ACQUIRE_LEASE = {
  name: 'lease_acquire',
  text: `
    INSERT INTO lease AS held (name, holder, fence, expires_at, beacon) VALUES ($1, $2, 1, $4, $5)
    ON CONFLICT (name) DO UPDATE SET holder = $2, fence = held.fence + 1, expires_at = $4, beacon = $5
    WHERE held.expires_at <= $3 OR held.holder = $2
       OR held.beacon IS NOT NULL AND NOT EXISTS (
            SELECT FROM pg_locks
             WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND classid = ${BEACON_CLASS} AND objid = held.beacon::oid AND objsubid = 2)
    RETURNING fence`,
} as const;

/** Prolongs a lease. The row stays locked to the end of the transaction, so nobody takes it over before that. */
export const HOLD_LEASE = {
  name: 'lease_hold',
  text: 'UPDATE lease SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3 RETURNING fence',
} as const;

export const RELEASE_LEASE = 'UPDATE lease SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3';
