/** Every statement of the module. Parameters are listed above each. */

/** $1 id, $2 regime, $3 version, $4 enabled, $5 actor, $6 reason, $7 time */
export const INSERT_ACT = `INSERT INTO breach_regime_act (id, regime, version, enabled, by_actor, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/** The newest act of each regime. */
export const LATEST_ACTS = `SELECT DISTINCT ON (regime) regime, version, enabled, by_actor, reason, at FROM breach_regime_act ORDER BY regime, at DESC, id DESC`;

/** $1 id, $2 incident, $3 episode, $4 time, $5 actor. No row where the episode has a case already. */
export const INSERT_CASE = `
  INSERT INTO breach_case (id, incident_id, episode, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (incident_id, episode) DO NOTHING RETURNING id`;

/** $1 id, $2 case, $3 kind, $4 time of the event, $5 basis, $6 why, $7 time of the record, $8 actor */
export const INSERT_EVENT = `INSERT INTO breach_event (id, case_id, kind, at, basis, why, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

/** $1 id, $2 case, $3 name, $4 value, $5 why, $6 time of the record, $7 actor */
export const INSERT_FINDING = `INSERT INTO breach_finding (id, case_id, name, value, why, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/** $1 id, $2 time, $3 decision, $4 reason */
export const CLOSE_CASE = `UPDATE breach_case SET closed_at = $2, decision = $3, close_reason = $4 WHERE id = $1`;

const CASE = `
  SELECT id, incident_id, episode, opened_at, opened_by, closed_at, decision, close_reason,
         (SELECT coalesce(jsonb_agg(to_jsonb(e) - 'case_id' ORDER BY e.recorded_at, e.id), '[]') FROM breach_event e WHERE e.case_id = breach_case.id) AS events,
         (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'case_id' ORDER BY f.recorded_at, f.id), '[]') FROM breach_finding f WHERE f.case_id = breach_case.id) AS findings
    FROM breach_case`;

/** $1 id */
export const READ_CASE = `${CASE} WHERE id = $1`;

/** $1 id. As READ_CASE; nobody else records on the case until the transaction ends. */
export const LOCK_CASE = `SELECT id FROM breach_case WHERE id = $1 FOR UPDATE`;

/** $1 incident, $2 episode */
export const READ_CASE_OF = `${CASE} WHERE incident_id = $1 AND episode = $2`;

/** $1 only open ones, or null, $2 opened before, or null, $3 id before, $4 limit */
export const LIST_CASES = `${CASE}
   WHERE ($1::boolean IS NULL OR (closed_at IS NULL) = $1)
     AND ($2::timestamptz IS NULL OR (opened_at, id) < ($2, $3::uuid))
   ORDER BY opened_at DESC, id DESC LIMIT $4`;
