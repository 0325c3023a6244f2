import { withinBytes } from '../platform/index.js';

/** Every statement of the module. Parameters are listed above each. */

/** $1 ids, $2 time, $3 actions, $4 actors, $5 targets, $6 details as JSON text */
export const APPEND_ROWS = 'SELECT audit_append($1::uuid[], $2, $3::text[], $4::text[], $5::text[], $6::text[])';

/** ISO 8601 in UTC with all the digits the database keeps, whatever the settings of the session. */
const instant = (column: string): string => `(to_jsonb(${column} AT TIME ZONE 'UTC') #>> '{}') || 'Z'`;

const CONTENT = `${instant('r.at')} AS at, r.action, r.actor, r.target, r.detail::text AS detail`;

export const PENDING = { name: 'audit_pending_any', text: 'SELECT EXISTS (SELECT FROM audit_pending) AS found' } as const;

/** $1 limit */
export const READ_PENDING = {
  name: 'audit_pending_read',
  text: withinBytes({
    columns: 'id, at, action, actor, target, detail',
    rows: `SELECT r.id, ${CONTENT}, p.at AS since FROM audit_pending p JOIN audit_row r ON r.id = p.row_id ORDER BY p.at, p.row_id LIMIT $1`,
    order: 'since, id',
    size: 'octet_length(detail)',
  }),
} as const;

export const READ_TAIL = { name: 'audit_tail', text: `SELECT seq, encode(hash, 'hex') AS hash FROM audit_link ORDER BY seq DESC LIMIT 1` } as const;

/** $1 number and $2 hash of the last link (hex), $3 ids, $4 hashes (hex) */
export const SEAL = {
  name: 'audit_seal',
  text: `SELECT audit_seal($1, decode($2, 'hex'), $3::uuid[], ARRAY(SELECT decode(hash, 'hex') FROM unnest($4::text[]) WITH ORDINALITY AS h (hash, n) ORDER BY n))`,
} as const;

export const UNSEALED = 'SELECT count(*) AS count, min(at) AS oldest FROM audit_pending';

const CHECKPOINT = `seq, encode(hash, 'hex') AS hash, ${instant('at')} AS at, public_key, signature`;

export const NEWEST_CHECKPOINT = `SELECT ${CHECKPOINT} FROM audit_checkpoint ORDER BY seq DESC LIMIT 1`;

/** $1 number, $2 hash (hex), $3 time, $4 public key, $5 signature */
export const ADD_CHECKPOINT = `INSERT INTO audit_checkpoint (seq, hash, at, public_key, signature) VALUES ($1, decode($2, 'hex'), $3, $4, $5) ON CONFLICT (seq) DO NOTHING`;

/** $1 last number seen, $2 highest number, $3 limit */
export const READ_ENTRIES = {
  name: 'audit_entries',
  text: withinBytes({
    columns: 'seq, id, prev, hash, present, at, action, actor, target, detail',
    rows: `
      SELECT l.seq, l.row_id AS id, encode(l.prev_hash, 'hex') AS prev, encode(l.hash, 'hex') AS hash, r.id IS NOT NULL AS present, ${CONTENT}
        FROM audit_link l LEFT JOIN audit_row r ON r.id = l.row_id
       WHERE l.seq > $1 AND l.seq <= $2 ORDER BY l.seq LIMIT $3`,
    order: 'seq',
    size: 'coalesce(octet_length(detail), 0)',
  }),
} as const;

/** $1 least number, $2 highest number, $3 limit */
export const READ_CHECKPOINTS = `SELECT ${CHECKPOINT} FROM audit_checkpoint WHERE seq >= $1 AND seq <= $2 ORDER BY seq LIMIT $3`;

/** $1 id of the last row looked at, $2 limit. Rows that neither have a link nor wait for one, page by page of all rows. */
export const UNKNOWN_ROWS = `
  WITH page AS (SELECT id FROM audit_row WHERE id > $1 ORDER BY id LIMIT $2)
  SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last,
    (SELECT id FROM page
      WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.row_id = page.id) AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.row_id = page.id)
      ORDER BY id LIMIT 1) AS unknown`;

/** A row that waits for its link and is gone. */
export const LOST_PENDING = 'SELECT row_id AS id FROM audit_pending p WHERE NOT EXISTS (SELECT FROM audit_row r WHERE r.id = p.row_id) ORDER BY at LIMIT 1';

/**
 * $1 actor, $2 action, $3 target, each or null; $4/$5 least and highest time or null; $6 number above the page or null;
 * $7 limit
 */
export const LIST_ENTRIES = `
  SELECT l.seq, r.id, encode(l.prev_hash, 'hex') AS prev, encode(l.hash, 'hex') AS hash, true AS present, ${CONTENT}
    FROM audit_link l JOIN audit_row r ON r.id = l.row_id
   WHERE ($1::text IS NULL OR r.actor = $1) AND ($2::text IS NULL OR r.action = $2) AND ($3::text IS NULL OR r.target = $3)
     AND ($4::timestamptz IS NULL OR r.at >= $4) AND ($5::timestamptz IS NULL OR r.at < $5)
     AND ($6::bigint IS NULL OR l.seq < $6)
   ORDER BY l.seq DESC
   LIMIT $7`;

/** $1 last position in the trail, $2 limit */
export const READ_DIGESTS = 'SELECT first_position, last_position, count, sha256 FROM log_digest WHERE first_position > $1 ORDER BY first_position LIMIT $2';

/** $1 the start of the first minute that is not over, $2 limit. Locked, since intake may be adding to them. */
export const READ_REFUSALS = `
  SELECT source, reason, minute, count, audited FROM refusal_counter
   WHERE audited < count AND minute < $1 ORDER BY minute, source, reason LIMIT $2 FOR UPDATE`;

/** One array a column: $1 sources, $2 reasons, $3 minutes, $4 counts */
export const MARK_REFUSALS = `
  UPDATE refusal_counter AS counter SET audited = done.count
    FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::bigint[]) AS done (source, reason, minute, count)
   WHERE (counter.minute, counter.source, counter.reason) = (done.minute, done.source, done.reason)`;
