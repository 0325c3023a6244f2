/** Takes a lease that is free, expired or already the holder's. The fence rises with each change of hands. */
export const ACQUIRE_LEASE = {
  name: 'lease_acquire',
  text: `
    INSERT INTO lease AS held (name, holder, fence, expires_at) VALUES ($1, $2, 1, $4)
    ON CONFLICT (name) DO UPDATE SET holder = $2, fence = held.fence + 1, expires_at = $4
    WHERE held.expires_at <= $3 OR held.holder = $2
    RETURNING fence`,
} as const;

/** Prolongs a lease. The row stays locked to the end of the transaction, so nobody takes it over before that. */
export const HOLD_LEASE = {
  name: 'lease_hold',
  text: 'UPDATE lease SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3 RETURNING fence',
} as const;

export const RELEASE_LEASE = 'UPDATE lease SET expires_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3';
