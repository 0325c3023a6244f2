import { withinBytes } from '../platform/index.js';

/** Every statement of the module. Parameters are listed above each. */

/** $1 JSON array of signal rows in column order by name. Gives the ids that were new. */
export const INSERT_SIGNALS = `
  INSERT INTO signal (id, rule_id, rule_title, rule_version, rule_kind, level, tags, group_values, first_at, last_at, window_ms, granularity_ms, value, terms,
                      event_ids, event_count, late, position, fired_at)
  SELECT id, rule_id, rule_title, rule_version, rule_kind, level, tags, group_values, first_at, last_at, window_ms, granularity_ms, value, terms,
         event_ids, event_count, late, position, fired_at
    FROM jsonb_to_recordset($1::jsonb) AS row(
      id uuid, rule_id text, rule_title text, rule_version text, rule_kind text, level text, tags text[], group_values jsonb, first_at timestamptz,
      last_at timestamptz, window_ms bigint, granularity_ms bigint, value double precision, terms jsonb, event_ids text[], event_count integer, late boolean,
      position bigint, fired_at timestamptz)
  ON CONFLICT (id) DO NOTHING
  RETURNING id`;

/** $1 signal ids. Copies the events they cite, so that evidence outlives the retention of events, and gives them with their source. */
export const COPY_EVIDENCE = `
  WITH cited AS (
    SELECT signal.id AS signal_id, event.record_id, event.position, event.source, event.doc
      FROM signal
      JOIN event ON event.record_id = ANY (signal.event_ids::uuid[])
     WHERE signal.id = ANY ($1::uuid[])
  ), copied AS (
    INSERT INTO evidence (signal_id, record_id, position, doc)
    SELECT signal_id, record_id, position, doc FROM cited
    ON CONFLICT DO NOTHING
  )
  SELECT signal_id, source, doc FROM cited ORDER BY signal_id, position`;

const EVENT_COLUMNS = 'position, record_id, source, stream, received_at, event_time, doc';
const eventsWhere = (condition: string, limit: string): string =>
  withinBytes({ columns: EVENT_COLUMNS, rows: `SELECT ${EVENT_COLUMNS}, bytes FROM event WHERE ${condition} ORDER BY position LIMIT ${limit}`, order: 'position', size: 'bytes' });

/** $1 position, $2 limit. Large events make it fewer. */
export const READ_EVENTS = eventsWhere('position > $1', '$2');

/** $1 position, $2 last position, $3 limit. Large events make it fewer. */
export const READ_EVENTS_UPTO = eventsWhere('position > $1 AND position <= $2', '$3');

/** Whether the log holds records that the normaliser has not reached. */
export const EVENTS_TO_COME = `
  SELECT EXISTS (SELECT FROM log_record WHERE position > coalesce((SELECT position FROM consumer_cursor WHERE name = 'normalise'), 0)) AS waiting`;

const SIGNAL_COLUMNS = `id, rule_id, rule_title, rule_version, rule_kind, level, tags, group_values, first_at, last_at, window_ms, granularity_ms, value, terms,
         event_ids, event_count, late, position, fired_at`;

/** $1 rule or null, $2 level or null, $3 fired since or null, $4/$5 (fired_at, id) of the last row seen or null, $6 limit */
export const LIST_SIGNALS = `
  SELECT ${SIGNAL_COLUMNS}
    FROM signal
   WHERE ($1::text IS NULL OR rule_id = $1)
     AND ($2::text IS NULL OR level = $2)
     AND ($3::timestamptz IS NULL OR fired_at >= $3)
     AND ($4::timestamptz IS NULL OR (fired_at, id) < ($4, $5::uuid))
   ORDER BY fired_at DESC, id DESC
   LIMIT $6`;

/** $1 id */
export const READ_SIGNAL = `SELECT ${SIGNAL_COLUMNS} FROM signal WHERE id = $1`;

/** $1 signal id */
export const READ_EVIDENCE = `SELECT record_id, position, doc FROM evidence WHERE signal_id = $1 ORDER BY position`;

/** $1 shard. Locked to the end of the transaction: pages of window state read in it are of one checkpoint. */
export const READ_CHECKPOINT = `SELECT position, engine_version FROM detect_checkpoint WHERE shard = $1 FOR SHARE`;

const STATE_COLUMNS = 'rule_id, rule_version, group_key, state';

/** $1 shard, $2 rule and $3 group after which, $4 limit. Large states make it fewer. */
export const READ_WINDOW_STATE = withinBytes({
  columns: STATE_COLUMNS,
  rows: `SELECT ${STATE_COLUMNS} FROM window_state WHERE shard = $1 AND (rule_id, group_key) > ($2, $3) ORDER BY rule_id, group_key LIMIT $4`,
  order: 'rule_id, group_key',
  size: 'octet_length(state)',
});

/** $1 shard, $2 position, $3 version of the state's form, $4 now */
export const SAVE_CHECKPOINT = `
  INSERT INTO detect_checkpoint (shard, position, engine_version, saved_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (shard) DO UPDATE SET position = excluded.position, engine_version = excluded.engine_version, saved_at = excluded.saved_at`;

/** $1 shard, then one array a column: $2 rule ids, $3 rule versions, $4 group keys, $5 states */
export const UPSERT_WINDOW_STATE = `
  INSERT INTO window_state (shard, rule_id, rule_version, group_key, state)
  SELECT $1, rule_id, rule_version, group_key, state
    FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) AS row (rule_id, rule_version, group_key, state)
  ON CONFLICT (shard, rule_id, group_key) DO UPDATE SET rule_version = excluded.rule_version, state = excluded.state`;

/** $1 shard, $2 rule ids, $3 group keys */
export const DELETE_WINDOW_STATE = `
  DELETE FROM window_state USING unnest($2::text[], $3::text[]) AS gone (rule_id, group_key)
   WHERE window_state.shard = $1 AND window_state.rule_id = gone.rule_id AND window_state.group_key = gone.group_key`;

/** $1 shard */
export const DELETE_ALL_WINDOW_STATE = `DELETE FROM window_state WHERE shard = $1`;
