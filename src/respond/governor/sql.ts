/** Every statement of the governor. Parameters are listed above each. */

/**
 * One counted decision at a time over all instances, until the end of the transaction. Counts are read after it, by a
 * statement that sees what the one before has committed. Class "CORD", 9: the governor's.
 */
export const LOCK_SLOTS = 'SELECT pg_advisory_xact_lock(1129271876, 9)';

/**
 * $1 effect, $2 action, $3 an hour ago, $4 start of the share's window, $5 start of the cool-down, $6 names, $7 identities.
 * The effect's own slot is left out of every count.
 */
export const READ_USAGE = `
  SELECT
    EXISTS (SELECT FROM governor_slot WHERE effect_id = $1 AND released_at IS NULL) AS "holdsSlot",
    (SELECT count(*)::integer FROM governor_slot
      WHERE class = 'destructive' AND released_at IS NULL AND reserved_at > $3 AND effect_id <> $1) AS "destructiveInHour",
    (SELECT count(*)::integer FROM governor_slot
      WHERE action = $2 AND released_at IS NULL AND reserved_at > $3 AND effect_id <> $1) AS "actionInHour",
    (SELECT count(DISTINCT identity)::integer FROM governor_slot, unnest(identities) AS identity
      WHERE class = 'destructive' AND released_at IS NULL AND reserved_at > $4 AND effect_id <> $1 AND identity <> ALL ($7::text[])) AS "identitiesHit",
    (SELECT max(reserved_at) FROM governor_slot
      WHERE action = $2 AND released_at IS NULL AND reserved_at > $5 AND effect_id <> $1 AND names && $6::text[]) AS "lastOnSubject"`;

/** $1 an hour ago, $2 start of the share's window */
export const READ_TOTALS = `
  SELECT
    (SELECT count(*)::integer FROM governor_slot WHERE class = 'destructive' AND released_at IS NULL AND reserved_at > $1) AS "destructiveInHour",
    (SELECT count(DISTINCT identity)::integer FROM governor_slot, unnest(identities) AS identity
      WHERE class = 'destructive' AND released_at IS NULL AND reserved_at > $2) AS "identitiesHit"`;

/** $1 effect, $2 run, $3 incident or null, $4 action, $5 class, $6 approval or null, $7 names, $8 identities, $9 time. One that was given back is taken anew. */
export const RESERVE_SLOT = `
  INSERT INTO governor_slot (effect_id, run_id, incident_id, action, class, approval_id, names, identities, reserved_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (effect_id) DO UPDATE SET
    approval_id = excluded.approval_id, names = excluded.names, identities = excluded.identities, reserved_at = excluded.reserved_at, released_at = NULL
  WHERE governor_slot.released_at IS NOT NULL`;

/** $1 effect, $2 time */
export const RELEASE_SLOT = 'UPDATE governor_slot SET released_at = $2 WHERE effect_id = $1 AND released_at IS NULL RETURNING effect_id';

const SWITCH = 'scope, engaged, reason, changed_by AS by, changed_at AS at';

export const ENGAGED_SWITCHES = { name: 'governor_switches', text: `SELECT ${SWITCH} FROM governor_switch WHERE engaged` } as const;

export const ALL_SWITCHES = `SELECT ${SWITCH} FROM governor_switch ORDER BY engaged DESC, scope`;

/** $1 scope, $2 reason, $3 actor, $4 time */
export const ENGAGE_SWITCH = `
  INSERT INTO governor_switch (scope, engaged, reason, changed_by, changed_at) VALUES ($1, true, $2, $3, $4)
  ON CONFLICT (scope) DO UPDATE SET engaged = true, reason = excluded.reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;

/** $1 scope, $2 reason, $3 actor, $4 time. No row where it is not on. */
export const LIFT_SWITCH = `
  UPDATE governor_switch SET engaged = false, reason = $2, changed_by = $3, changed_at = $4
  WHERE scope = $1 AND engaged RETURNING scope`;
