import { withinBytes } from '../platform/index.js';

/** Every statement of the module. Parameters are listed above each. */

/** $1 position, $2 limit. Large events make it fewer. */
export const READ_EVENTS = withinBytes({
  columns: 'position, record_id, doc',
  rows: 'SELECT position, record_id, doc, bytes FROM event WHERE position > $1 ORDER BY position LIMIT $2',
  order: 'position',
  size: 'bytes',
});

/** $1 JSON array of rows by column name */
export const INSERT_DEAD_LETTERS = `
  INSERT INTO forward_dead_letter (sink, feed, position, document_id, dataset, reason, doc, at)
  SELECT sink, feed, position, document_id, dataset, reason, doc, at
    FROM jsonb_to_recordset($1::jsonb) AS row (sink text, feed text, position bigint, document_id uuid, dataset text, reason text, doc jsonb, at timestamptz)
  ON CONFLICT (sink, document_id) DO UPDATE SET reason = EXCLUDED.reason, at = EXCLUDED.at`;

/** $1 sink, $2 document id before, or null, $3 limit */
export const LIST_DEAD_LETTERS = `
  SELECT sink, feed, position, document_id, dataset, reason, doc, at FROM forward_dead_letter
   WHERE sink = $1 AND ($2::uuid IS NULL OR document_id > $2) ORDER BY document_id LIMIT $3`;

/** $1 sink, $2 document ids */
export const DELETE_DEAD_LETTERS = 'DELETE FROM forward_dead_letter WHERE sink = $1 AND document_id = ANY ($2::uuid[])';

/** Cursors of the module, how many documents each sink left out, and the ends of what they read. */
export const READ_STATUS = `
  SELECT name, position, updated_at,
         CASE reads WHEN 'fact' THEN (SELECT coalesce(max(position), 0) FROM fact) ELSE (SELECT coalesce(max(position), 0) FROM event) END - position AS behind
    FROM consumer_cursor WHERE name LIKE 'forward.%' ORDER BY name`;

export const COUNT_DEAD_LETTERS = 'SELECT sink, count(*)::int AS count FROM forward_dead_letter GROUP BY sink';

/** $1 names */
export const FORGET_CURSORS = 'DELETE FROM consumer_cursor WHERE name = ANY ($1::text[]) RETURNING name';

export const END_OF_FACTS = 'SELECT coalesce(max(position), 0) AS position FROM fact';
export const END_OF_EVENTS = 'SELECT coalesce(max(position), 0) AS position FROM event';
