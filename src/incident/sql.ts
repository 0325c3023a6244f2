/** Every statement of the module. Parameters are listed above each. */

/**
 * One writer of incidents at a time: grouping compares all of a subject's incidents, so two writers could each miss what
 * the other one adds. First number: class of our advisory locks ("CORD").
 */
export const LOCK_INCIDENTS = 'SELECT pg_advisory_xact_lock(1129271876, 8)';

const COLUMNS = `id, status, episode, title, level, tags, grounds, risk, risk_parts, signal_count, first_at, last_at, opened_at, updated_at, closed_at, verdict, assignee, merged_into`;

const ENTITIES = `(SELECT coalesce(jsonb_agg(jsonb_build_object('type', type, 'key', key, 'value', value, 'subject', subject) ORDER BY type, key), '[]')
                    FROM incident_entity WHERE incident_id = incident.id) AS entities`;

/** $1 signal ids. Those that an incident has already. */
export const KNOWN_SIGNALS = `SELECT signal_id FROM incident_signal WHERE signal_id = ANY ($1::uuid[])`;

/** $1 entity types, $2 entity keys, $3 statuses, $4 least last event time, $5 greatest first event time, $6 ids to leave out */
export const INCIDENTS_OF_SUBJECTS = `
  SELECT ${COLUMNS}, ${ENTITIES}
    FROM incident
   WHERE id IN (
           SELECT incident_id FROM incident_entity
             JOIN unnest($1::text[], $2::text[]) AS wanted (type, key) USING (type, key)
            WHERE subject)
     AND status = ANY ($3::text[])
     AND last_at >= $4 AND first_at <= $5
     AND id <> ALL ($6::uuid[])
   ORDER BY id`;

/** $1 id */
export const READ_INCIDENT = `SELECT ${COLUMNS}, ${ENTITIES} FROM incident WHERE id = $1`;

/** $1 ids. Their subjects, and those of the incidents that they went into. */
export const SUBJECTS_OF_INCIDENTS = `
  SELECT incident.id AS incident_id, entity.type, entity.key, entity.value, entity.subject
    FROM incident JOIN incident_entity AS entity ON entity.incident_id IN (incident.id, incident.merged_into)
   WHERE incident.id = ANY ($1::uuid[]) AND entity.subject`;

/** $1 JSON array of rows by column name */
export const SAVE_INCIDENTS = `
  INSERT INTO incident (${COLUMNS})
  SELECT ${COLUMNS}
    FROM jsonb_to_recordset($1::jsonb) AS row (
      id uuid, status text, episode integer, title text, level text, tags text[], grounds jsonb, risk integer, risk_parts jsonb, signal_count integer,
      first_at timestamptz, last_at timestamptz, opened_at timestamptz, updated_at timestamptz, closed_at timestamptz, verdict text, assignee text, merged_into uuid)
  ON CONFLICT (id) DO UPDATE SET
    status = excluded.status, episode = excluded.episode, level = excluded.level, tags = excluded.tags, grounds = excluded.grounds, risk = excluded.risk,
    risk_parts = excluded.risk_parts, signal_count = excluded.signal_count, first_at = excluded.first_at, last_at = excluded.last_at,
    opened_at = excluded.opened_at, updated_at = excluded.updated_at, closed_at = excluded.closed_at, verdict = excluded.verdict, assignee = excluded.assignee,
    merged_into = excluded.merged_into`;

/** $1 JSON array of {incident_id, type, key, value, subject} */
export const SAVE_ENTITIES = `
  INSERT INTO incident_entity (incident_id, type, key, value, subject)
  SELECT incident_id, type, key, value, subject
    FROM jsonb_to_recordset($1::jsonb) AS row (incident_id uuid, type text, key text, value text, subject boolean)
  ON CONFLICT (incident_id, type, key) DO UPDATE SET value = excluded.value, subject = excluded.subject
   WHERE (incident_entity.value, incident_entity.subject) <> (excluded.value, excluded.subject)`;

/** $1 JSON array of {signal_id, incident_id, episode, rule_id, title, level, first_at, last_at, added_at} */
export const ADD_SIGNALS = `
  INSERT INTO incident_signal (signal_id, incident_id, episode, rule_id, title, level, first_at, last_at, added_at)
  SELECT signal_id, incident_id, episode, rule_id, title, level, first_at, last_at, added_at
    FROM jsonb_to_recordset($1::jsonb) AS row (
      signal_id uuid, incident_id uuid, episode integer, rule_id text, title text, level text, first_at timestamptz, last_at timestamptz, added_at timestamptz)
  ON CONFLICT (signal_id) DO NOTHING`;

/** $1 absorbed incident, $2 the one that stays, $3 its episode */
export const MOVE_SIGNALS = `UPDATE incident_signal SET incident_id = $2, episode = $3 WHERE incident_id = $1`;

/** $1 absorbed incident, $2 the one that stays. What went into the absorbed one before follows it. */
export const MOVE_MERGED = `UPDATE incident SET merged_into = $2 WHERE merged_into = $1`;

/** $1 status or null, $2/$3 entity type or null and key or null, $4 least risk, $5/$6 (opened_at, id) of the last row seen or null, $7 limit */
export const LIST_INCIDENTS = `
  SELECT ${COLUMNS}, ${ENTITIES}
    FROM incident
   WHERE (CASE WHEN $1::text IS NULL THEN status <> 'merged' ELSE status = $1 END)
     AND ($3::text IS NULL OR id IN (SELECT incident_id FROM incident_entity WHERE key = $3 AND ($2::text IS NULL OR type = $2)))
     AND risk >= $4
     AND ($5::timestamptz IS NULL OR (opened_at, id) < ($5, $6::uuid))
   ORDER BY opened_at DESC, id DESC
   LIMIT $7`;

/** $1 incident, $2 limit */
export const READ_INCIDENT_SIGNALS = `
  SELECT signal_id, episode, rule_id, title, level, first_at, last_at, added_at
    FROM incident_signal
   WHERE incident_id = $1
   ORDER BY first_at, signal_id
   LIMIT $2`;

/** $1 incident, $2 position of the last fact seen, $3 limit. Facts of what was merged into it are its own. */
export const READ_TIMELINE = `
  SELECT position, type, at, body
    FROM fact
   WHERE body ? 'incidentId'
     AND body->>'incidentId' IN (SELECT id::text FROM incident WHERE id = $1 OR merged_into = $1)
     AND position > $2
   ORDER BY position
   LIMIT $3`;
