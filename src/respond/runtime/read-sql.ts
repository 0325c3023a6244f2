import { EFFECT_COLUMNS } from './sql.js';

/** Statements that read runs for people. Parameters are listed above each. */

const SUMMARY = `id, playbook_id, playbook_hash, incident_id, episode, requested_by, status, outcome, seq, value, contained_at, started_at, updated_at, finished_at,
  (SELECT version FROM playbook_version WHERE hash = playbook_hash) AS version`;

/** $1 status, $2 playbook, $3 incident, each or null; $4/$5 (started_at, id) of the last row seen or null; $6 limit */
export const LIST_RUNS = `
  SELECT ${SUMMARY} FROM run
   WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR playbook_id = $2) AND ($3::uuid IS NULL OR incident_id = $3)
     AND ($4::timestamptz IS NULL OR (started_at, id) < ($4, $5::uuid))
   ORDER BY started_at DESC, id DESC
   LIMIT $6`;

/** $1 run */
export const READ_RUN = `SELECT ${SUMMARY}, state->'params' AS params, trigger, awaits, approvals, containing FROM run WHERE id = $1`;

/** $1 runs. The incident of each, and the names that its effects act on, as `<type>:<key>`. */
export const ABOUT_RUNS = `
  SELECT id, incident_id, incident->'subject' AS subject,
         ARRAY(SELECT DISTINCT key FROM effect, unnest(entity_keys) AS key WHERE run_id = run.id) AS acted_on
    FROM run WHERE id = ANY ($1::uuid[])`;

/** $1 run, $2 limit. The newest events, oldest of them first. */
export const READ_EVENTS = `
  SELECT * FROM (SELECT seq, at, kind, body, actor, changed, value, hash FROM run_event WHERE run_id = $1 ORDER BY seq DESC LIMIT $2) AS newest ORDER BY seq`;

/** $1 run, $2 limit */
export const READ_EFFECTS = `
  SELECT ${EFFECT_COLUMNS},
    (SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', attempt, 'started_at', started_at, 'ended_at', ended_at, 'outcome', outcome, 'detail', detail) ORDER BY attempt), '[]')
       FROM effect_attempt WHERE effect_id = effect.id) AS tried
    FROM effect WHERE run_id = $1 ORDER BY seq, index LIMIT $2`;

/** $1 run */
export const READ_TIMERS = 'SELECT timer_id, due, clock, held FROM run_timer WHERE run_id = $1 ORDER BY due';

/** $1 run */
export const READ_DEAD_LETTERS = 'SELECT id, body, error, at FROM run_dead_letter WHERE run_id = $1 ORDER BY at LIMIT 100';
