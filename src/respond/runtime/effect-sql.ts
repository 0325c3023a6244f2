import { EFFECT_COLUMNS } from './sql.js';

/** One writer at a time decides which destructive effect goes next, since it looks at what the others act on. First number: class of our advisory locks ("CORD"). */
export const LOCK_DESTRUCTIVE = 'SELECT pg_advisory_xact_lock(1129271876, 10)';

const OF_EFFECT = EFFECT_COLUMNS.split(',').map((column) => `e.${column.trim()}`).join(', ');

/** Whether an attempt that is over, or was lost, may have changed something at the target. */
const TOUCHED = `e.attempts > 0 AND EXISTS (SELECT FROM effect_attempt a WHERE a.effect_id = e.id AND a.outcome IS DISTINCT FROM 'no_effect')`;

/**
 * $1 now, $2 limit, $3 whether destructive. Effects whose time has come, and those of a lease that is over, with what of their run a
 * decision needs. A destructive one waits while another run acts on one of its entities.
 */
export const CLAIMABLE = {
  name: 'effect_claimable',
  text: `
  SELECT ${OF_EFFECT}, ${TOUCHED} AS touched, r.playbook_id, r.incident_id, r.episode, r.incident, r.requested_by, r.approvals
    FROM effect e JOIN run r ON r.id = e.run_id
   WHERE (e.status = 'ready' AND NOT e.detached AND e.next_at <= $1 OR e.status = 'leased' AND e.lease_until <= $1)
     AND e.destructive = $3 AND r.status <> 'suspended'
     AND NOT ($3 AND EXISTS (
       SELECT FROM effect other
        WHERE other.status = 'leased' AND other.lease_until > $1 AND other.destructive AND other.run_id <> e.run_id AND other.entity_keys && e.entity_keys))
   ORDER BY e.priority DESC, e.next_at
   LIMIT $2
     FOR UPDATE OF e SKIP LOCKED`,
} as const;

/** $1 JSON array of claimed effects, $2 now, $3 this instance. An attempt that is still open belonged to an instance that is gone. */
export const WRITE_CLAIMS = {
  name: 'effect_write_claims',
  text: `
  WITH claim AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS c (
      id uuid, status text, attempts integer, fence integer, lease_owner uuid, lease_until timestamptz, deadline timestamptz, verdict jsonb, approved jsonb, called boolean)),
  claimed AS (
    UPDATE effect SET status = claim.status, attempts = claim.attempts, fence = claim.fence, lease_owner = claim.lease_owner, lease_until = claim.lease_until,
      deadline = claim.deadline, verdict = claim.verdict, approved = claim.approved
    FROM claim WHERE effect.id = claim.id),
  lost AS (
    UPDATE effect_attempt SET ended_at = $2, outcome = 'lost' FROM claim WHERE effect_id = claim.id AND ended_at IS NULL)
  INSERT INTO effect_attempt (effect_id, attempt, instance, started_at)
  SELECT id, attempts, $3, $2 FROM claim WHERE called`,
} as const;

/**
 * $1 effect, $2 fence, $3 due, $4 failures, $5 now, $6 why, $7 attempt, $8 outcome of the attempt (`no_effect`: it cannot have changed
 * anything), $9 whether its time begins anew, $10 output and $11 undo input of a call that got through. Gives nothing where it is no
 * longer held, or where its state was left: then it is not tried again.
 */
export const RETRY_EFFECT = {
  name: 'effect_retry',
  text: `
  WITH again AS (
    UPDATE effect SET status = 'ready', next_at = $3, failures = $4, lease_owner = NULL, lease_until = NULL,
      deadline = CASE WHEN $9 THEN NULL ELSE deadline END, output = coalesce($10::jsonb, output), undo_input = coalesce(undo_input, $11::jsonb)
    WHERE id = $1 AND fence = $2 AND status = 'leased' AND NOT detached
    RETURNING id),
  ended AS (
    UPDATE effect_attempt SET ended_at = $5, outcome = $8, detail = $6 WHERE effect_id = $1 AND attempt = $7 AND EXISTS (SELECT FROM again))
  SELECT id FROM again`,
} as const;

/** $1 JSON array of {id, fence}, $2 until. Those of the given leases that still hold. */
export const RENEW_LEASES = {
  name: 'effect_renew',
  text: `
  UPDATE effect SET lease_until = $2 FROM jsonb_to_recordset($1::jsonb) AS l (id uuid, fence integer)
   WHERE effect.id = l.id AND effect.fence = l.fence AND effect.status = 'leased'
  RETURNING effect.id, effect.detached`,
} as const;

/** $1 now. When the next effect may be claimed. */
export const NEXT_READY = { name: 'effect_next', text: `SELECT min(next_at) AS at FROM effect WHERE status = 'ready' AND next_at > $1` } as const;
