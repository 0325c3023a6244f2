/** Statements that change runs and effects. Parameters are listed above each; those that only read for people are in read-sql.ts. */

const RUN_COLUMNS = `id, playbook_id, playbook_hash, start_key, incident_id, episode, incident, trigger, requested_by, priority, status, outcome, seq, last_hash,
  value, state, awaits, approvals, containing, contained_at, started_at, updated_at, finished_at`;

const RUN_TYPES = `id uuid, playbook_id text, playbook_hash text, start_key text, incident_id uuid, episode integer, incident jsonb, trigger jsonb, requested_by text,
  priority integer, status text, outcome text, seq bigint, last_hash text, value jsonb, state jsonb, awaits jsonb, approvals jsonb, containing jsonb,
  contained_at timestamptz, started_at timestamptz, updated_at timestamptz, finished_at timestamptz, engine text`;

export const EFFECT_COLUMNS = `id, run_id, seq, index, kind, invoke_id, action, input, effect_class, destructive, entity_keys, priority, mode, status, detached, attempts, failures,
  timeout_ms, retry, next_at, deadline, lease_owner, lease_until, fence, verdict, approved, output, error, undo_input, undoes, plan, undone_at, created_at, settled_at`;

const EFFECT_TYPES = `id uuid, run_id uuid, seq bigint, index integer, kind text, invoke_id text, action text, input jsonb, effect_class text, destructive boolean,
  entity_keys text[], priority integer, mode text, status text, detached boolean, attempts integer, failures integer, timeout_ms bigint, retry jsonb, next_at timestamptz,
  deadline timestamptz, lease_owner uuid, lease_until timestamptz, fence integer, verdict jsonb, approved jsonb, output jsonb, error jsonb, undo_input jsonb,
  undoes uuid, plan uuid, undone_at timestamptz, created_at timestamptz, settled_at timestamptz`;

/** $1 ids. In the order of the ids, so that two transactions never wait for each other. */
export const LOCK_RUNS = { name: 'run_lock', text: `SELECT ${RUN_COLUMNS} FROM run WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE` } as const;

/**
 * All that a step writes, in one statement.
 *
 * JSON arrays: $1 new runs, $2 changed runs, $3 events, $4 new effects, $5 settled effects, $6 effects (ids) whose state was left,
 * $7 timers, $8 timers that are gone, $9 entries of the inbox, $10 dead letters, $11 effects (ids) that were taken back; $12 now, $13 this
 * instance. Gives the settled effects that were as expected, and what was given up.
 */
export const WRITE_STEP = {
  name: 'run_write_step',
  text: `
  WITH
  new_run AS (
    INSERT INTO run (${RUN_COLUMNS}, engine)
    SELECT ${RUN_COLUMNS}, engine FROM jsonb_to_recordset($1::jsonb) AS r (${RUN_TYPES})),
  changed_run AS (
    UPDATE run SET incident = r.incident, status = r.status, outcome = r.outcome, seq = r.seq, last_hash = r.last_hash, value = r.value, state = r.state,
      awaits = r.awaits, approvals = r.approvals, containing = r.containing, contained_at = r.contained_at, updated_at = r.updated_at, finished_at = r.finished_at
    FROM jsonb_to_recordset($2::jsonb) AS r (
      id uuid, incident jsonb, status text, outcome text, seq bigint, last_hash text, value jsonb, state jsonb, awaits jsonb, approvals jsonb, containing jsonb,
      contained_at timestamptz, updated_at timestamptz, finished_at timestamptz)
    WHERE run.id = r.id),
  new_event AS (
    INSERT INTO run_event (run_id, seq, at, kind, body, actor, changed, value, hash)
    SELECT run_id, seq, at, kind, body, actor, changed, value, hash
    FROM jsonb_to_recordset($3::jsonb) AS e (
      run_id uuid, seq bigint, at timestamptz, kind text, body text, actor text, changed boolean, value jsonb, hash text)),
  new_effect AS (
    INSERT INTO effect (${EFFECT_COLUMNS})
    SELECT ${EFFECT_COLUMNS} FROM jsonb_to_recordset($4::jsonb) AS e (${EFFECT_TYPES})),
  new_attempt AS (
    INSERT INTO effect_attempt (effect_id, attempt, instance, started_at)
    SELECT id, attempts, $13, $12 FROM jsonb_to_recordset($4::jsonb) AS e (id uuid, attempts integer, status text) WHERE status = 'leased'),
  settled AS (
    UPDATE effect SET status = s.status, detached = effect.detached OR s.detached, output = s.output, error = s.error, undo_input = s.undo_input, approved = s.approved,
      settled_at = CASE WHEN s.status IN ('ready', 'waiting') THEN NULL ELSE $12::timestamptz END, next_at = CASE WHEN s.status = 'ready' THEN $12 ELSE effect.next_at END,
      lease_owner = NULL, lease_until = NULL
    FROM jsonb_to_recordset($5::jsonb) AS s (
      id uuid, expected text, fence integer, status text, detached boolean, output jsonb, error jsonb, undo_input jsonb, approved jsonb)
    WHERE effect.id = s.id AND effect.status = s.expected AND effect.fence = s.fence
    RETURNING effect.id),
  ended_attempt AS (
    UPDATE effect_attempt SET ended_at = $12, outcome = s.status, detail = s.detail
    FROM jsonb_to_recordset($5::jsonb) AS s (id uuid, expected text, attempt integer, status text, detail text)
    WHERE effect_id = s.id AND effect_attempt.attempt = s.attempt AND s.expected = 'leased'),
  detached AS (
    UPDATE effect SET detached = true, status = CASE
        WHEN status = 'leased' THEN status
        WHEN attempts > 0 AND output IS NULL AND EXISTS (SELECT FROM effect_attempt a WHERE a.effect_id = effect.id AND a.outcome IS DISTINCT FROM 'no_effect') THEN 'unknown'
        ELSE 'cancelled' END,
      settled_at = CASE WHEN status = 'leased' THEN NULL ELSE $12 END
    WHERE id = ANY ($6::uuid[]) AND status IN ('ready', 'leased', 'waiting')
    RETURNING id, status, verdict, action, status = 'unknown' OR output IS NOT NULL AS happened),
  armed AS (
    INSERT INTO run_timer (run_id, timer_id, generation, due, clock, held)
    SELECT run_id, timer_id, generation, due, clock, false
    FROM jsonb_to_recordset($7::jsonb) AS t (run_id uuid, timer_id text, generation bigint, due timestamptz, clock text)
    ON CONFLICT (run_id, timer_id) DO UPDATE SET generation = excluded.generation, due = excluded.due, clock = excluded.clock, held = false, left_ms = NULL),
  disarmed AS (
    DELETE FROM run_timer USING jsonb_to_recordset($8::jsonb) AS t (run_id uuid, timer_id text)
    WHERE run_timer.run_id = t.run_id AND run_timer.timer_id = t.timer_id),
  read_inbox AS (
    UPDATE run_inbox SET status = i.status FROM jsonb_to_recordset($9::jsonb) AS i (position bigint, status text) WHERE run_inbox.position = i.position),
  dead AS (
    INSERT INTO run_dead_letter (id, run_id, playbook_id, body, error, at)
    SELECT id, run_id, playbook_id, body, error, $12 FROM jsonb_to_recordset($10::jsonb) AS d (id uuid, run_id uuid, playbook_id text, body jsonb, error text)),
  undone AS (
    UPDATE effect SET undone_at = $12 WHERE id = ANY ($11::uuid[]))
  SELECT ARRAY(SELECT id FROM settled) AS settled,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'status', status, 'verdict', verdict, 'action', action, 'happened', happened)), '[]') FROM detached) AS detached`,
} as const;

/** $1 runs. In the order of arrival. */
export const READ_INBOX = `SELECT position, run_id, dedupe_key, body, actor FROM run_inbox WHERE run_id = ANY ($1::uuid[]) AND status = 'pending' ORDER BY position LIMIT 1000`;

/** $1 JSON array of {run_id, dedupe_key, body, actor}, $2 now. An event that came before is left out. */
export const PUT_INBOX = `
  INSERT INTO run_inbox (run_id, dedupe_key, body, actor, received_at)
  SELECT run_id, dedupe_key, body, actor, $2 FROM jsonb_to_recordset($1::jsonb) AS i (run_id uuid, dedupe_key text, body jsonb, actor text)
  ON CONFLICT (run_id, dedupe_key) DO NOTHING`;

/** $1 limit */
export const RUNS_WITH_INBOX = {
  name: 'run_with_inbox',
  text: `SELECT DISTINCT run_inbox.run_id FROM run_inbox JOIN run ON run.id = run_inbox.run_id WHERE run_inbox.status = 'pending' AND run.status <> 'suspended' LIMIT $1`,
} as const;

/** $1 now, $2 limit. Oldest first. */
export const DUE_TIMERS = { name: 'run_timer_due', text: 'SELECT run_id, timer_id, generation, due FROM run_timer WHERE NOT held AND due <= $1 ORDER BY due LIMIT $2' } as const;

/** $1 run, $2 now. What a frozen timer had left, it has left later. */
export const HOLD_TIMERS = `
  UPDATE run_timer SET held = true, left_ms = CASE WHEN clock = 'frozen' THEN greatest(0, ceil(extract(epoch FROM due - $2::timestamptz) * 1000))::bigint END
  WHERE run_id = $1 AND NOT held`;

/** $1 run, $2 now */
export const RELEASE_TIMERS = `
  UPDATE run_timer SET held = false, due = CASE WHEN left_ms IS NULL THEN due ELSE $2::timestamptz + left_ms * interval '1 millisecond' END, left_ms = NULL
  WHERE run_id = $1 AND held`;

/** $1 id */
export const READ_EFFECT = `SELECT ${EFFECT_COLUMNS} FROM effect WHERE id = $1`;

/** $1 run */
export const EFFECTS_OF_RUN = `SELECT ${EFFECT_COLUMNS} FROM effect WHERE run_id = $1 ORDER BY seq, index`;

/** $1 run. Where the machine was after each event. */
export const VALUES_OF_RUN = 'SELECT seq, value FROM run_event WHERE run_id = $1 ORDER BY seq';

/** $1 incident, $2 episode or null for any. Runs that an event of the incident concerns. */
export const RUNS_OF_INCIDENT = `SELECT id FROM run WHERE incident_id = $1 AND ($2::integer IS NULL OR episode = $2) AND status <> 'done' ORDER BY id`;

/** $1 playbook ids, $2 start keys. Those that have a run. */
export const STARTED = 'SELECT playbook_id, start_key FROM run WHERE (playbook_id, start_key) IN (SELECT * FROM unnest($1::text[], $2::text[]))';

/** $1 hash, $2 playbook, $3 version, $4 source, $5 now */
export const STORE_PLAYBOOK = 'INSERT INTO playbook_version (hash, playbook_id, version, source, stored_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING';

/** $1 hash */
export const READ_PLAYBOOK = 'SELECT source FROM playbook_version WHERE hash = $1';

/** $1 channel */
export const NOTIFY = "SELECT pg_notify($1, '')";

/** Channel on which instances tell each other of work. */
export const WORK_CHANNEL = 'cordon_respond';

/** $1 run. As {@link LOCK_RUNS} for one. */
export const LOCK_RUN = 'SELECT FROM run WHERE id = $1 FOR NO KEY UPDATE';

/** $1 effect, $2 dedupe key, $3 body, $4 actor, $5 now. Into the inbox of the effect's run. */
export const PUT_DECISION = `
  INSERT INTO run_inbox (run_id, dedupe_key, body, actor, received_at)
  SELECT run_id, $2, $3, $4, $5 FROM effect WHERE id = $1
  ON CONFLICT (run_id, dedupe_key) DO NOTHING`;
