/** Every statement of approvals. Parameters are listed above each. */

const COLUMNS = `id, effect_id, run_id, playbook, incident_id, episode, role, quorum, on_deadline, content, about, requested_by, requested_at, deadline,
  remind_at, escalated_at, break_glass, state, decided_at, reason`;

const VOTES = `(SELECT coalesce(jsonb_agg(jsonb_build_object('person', person, 'choice', choice, 'reason', reason, 'actor', actor, 'breakGlass', break_glass, 'at', at) ORDER BY at, person), '[]')
                  FROM approval_vote WHERE approval_id = approval.id) AS votes`;

/** As {@link COLUMNS} in order. */
export const INSERT_APPROVAL = `
  INSERT INTO approval (${COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`;

/** $1 id. In a statement of its own: one that waits for a lock sees the row as it became, but the votes as they were. */
export const LOCK_APPROVAL = 'SELECT FROM approval WHERE id = $1 FOR UPDATE';

/** $1 effect */
export const LOCK_OPEN_OF_EFFECT = `SELECT id FROM approval WHERE effect_id = $1 AND state = 'open' FOR UPDATE`;

/** $1 id */
export const READ_APPROVAL = `SELECT ${COLUMNS}, ${VOTES} FROM approval WHERE id = $1`;

/** $1 id, $2 deadline, $3 remind_at, $4 escalated_at, $5 break_glass, $6 state, $7 decided_at, $8 reason */
export const UPDATE_APPROVAL = `
  UPDATE approval SET deadline = $2, remind_at = $3, escalated_at = $4, break_glass = $5, state = $6, decided_at = $7, reason = $8 WHERE id = $1`;

/** $1 approval, $2 person, $3 choice, $4 reason, $5 actor, $6 break_glass, $7 at */
export const INSERT_VOTE = 'INSERT INTO approval_vote (approval_id, person, choice, reason, actor, break_glass, at) VALUES ($1, $2, $3, $4, $5, $6, $7)';

/** $1 states or null, $2 incident or null, $3/$4 (requested_at, id) of the last row seen or null, $5 limit */
export const LIST_APPROVALS = `
  SELECT ${COLUMNS}, ${VOTES}
    FROM approval
   WHERE ($1::text[] IS NULL OR state = ANY ($1))
     AND ($2::uuid IS NULL OR incident_id = $2)
     AND ($3::timestamptz IS NULL OR (requested_at, id) < ($3, $4::uuid))
   ORDER BY requested_at DESC, id DESC
   LIMIT $5`;

/** $1 now, $2 limit. The longest overdue first. */
export const DUE_APPROVALS = `SELECT id FROM approval WHERE state = 'open' AND deadline <= $1 ORDER BY deadline, id LIMIT $2`;

/** $1 now, $2 limit */
export const DUE_REMINDERS = `SELECT id FROM approval WHERE state = 'open' AND remind_at <= $1 ORDER BY remind_at, id LIMIT $2`;

export const COUNT_OPEN = `SELECT count(*)::integer AS open FROM approval WHERE state = 'open'`;

/** $1 ids, $2 approval, $3 kind, $4 people, $5 addresses, $6 now */
export const INSERT_NOTICES = `
  INSERT INTO approval_notice (id, approval_id, kind, person, address, state, attempts, next_at, created_at)
  SELECT notice.id, $2, $3, notice.person, notice.address, 'waiting', 0, $6, $6
    FROM unnest($1::uuid[], $4::text[], $5::text[]) AS notice (id, person, address)`;

/** $1 now, $2 when to look again unless it is settled by then, $3 limit */
export const CLAIM_NOTICES = `
  UPDATE approval_notice SET attempts = attempts + 1, next_at = $2
   WHERE id IN (SELECT id FROM approval_notice WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
  RETURNING id, approval_id, kind, person, address, attempts`;

/** $1 id, $2 state, $3 error or null, $4 now, $5 when to try again, for state waiting */
export const SETTLE_NOTICE = `
  UPDATE approval_notice SET state = $2, error = $3, settled_at = CASE WHEN $2 = 'waiting' THEN NULL ELSE $4::timestamptz END, next_at = coalesce($5, next_at)
   WHERE id = $1 AND state = 'waiting'`;
