/** One import at a time over all instances, so that each is checked against what the others left. Class "CORD", 5: the context's. */
export const LOCK_IMPORTS = 'SELECT pg_advisory_xact_lock(1129271876, 5)';

export const LAST_IMPORT = 'SELECT max(at) AS at FROM context_import';

export const INSERT_IMPORT = 'INSERT INTO context_import (id, source, at, actor, counts) VALUES ($1, $2, $3, $4, $5)';

/** What other sources than $1 state now. */
export const ENTRIES_ELSEWHERE = `
  SELECT type, key, source, person_key AS "personKey", body->>'id' AS id, body->>'kind' AS kind
  FROM context_entry WHERE valid_until IS NULL AND source <> $1`;

export const NAMES_ELSEWHERE = `
  SELECT kind, key, system, entry_type AS "entryType", entry_key AS "entryKey"
  FROM context_name WHERE valid_until IS NULL AND source <> $1`;

export const ENTRIES_OF_SOURCE = 'SELECT type, key, person_key AS "personKey", body FROM context_entry WHERE valid_until IS NULL AND source = $1';

export const NAMES_OF_SOURCE = `
  SELECT kind, key, system, entry_type AS "entryType", entry_key AS "entryKey"
  FROM context_name WHERE valid_until IS NULL AND source = $1`;

/** $1 source, $2 time, $3 types, $4 keys. */
export const CLOSE_ENTRIES = `
  UPDATE context_entry e SET valid_until = $2
  FROM unnest($3::text[], $4::text[]) AS gone (type, key)
  WHERE e.source = $1 AND e.valid_until IS NULL AND e.type = gone.type AND e.key = gone.key`;

/** $1 source, $2 time, then kinds, keys, systems, entry types, entry keys. */
export const CLOSE_NAMES = `
  UPDATE context_name n SET valid_until = $2
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) AS gone (kind, key, system, entry_type, entry_key)
  WHERE n.source = $1 AND n.valid_until IS NULL AND n.kind = gone.kind AND n.key = gone.key AND n.system = gone.system
    AND n.entry_type = gone.entry_type AND n.entry_key = gone.entry_key`;

export const ENTRY_COLUMNS = ['type', 'key', 'source', 'person_key', 'body', 'valid_from'] as const;
export const NAME_COLUMNS = ['kind', 'key', 'system', 'entry_type', 'entry_key', 'source', 'valid_from'] as const;

/** What the questions of the directory look at: the rows that hold now, or those that held at time parameter `at`. */
function questions(holds: (alias: string) => string, until: string) {
  const asOf = (source: string) => `(SELECT max(at) FROM context_import WHERE source = ${source}${until})`;
  const columns = (alias: string) => `${alias}.type, ${alias}.key, ${alias}.person_key AS "personKey", ${alias}.body, ${alias}.source, ${asOf(`${alias}.source`)} AS "asOf"`;
  return {
    /** $1 (time), $2 kind, $3 key. */
    byName: `
      SELECT n.system, ${columns('e')}
      FROM context_name n
      JOIN context_entry e ON e.type = n.entry_type AND e.key = n.entry_key AND e.source = n.source AND ${holds('e')}
      WHERE n.kind = $2 AND n.key = $3 AND ${holds('n')}
      ORDER BY n.system, e.type, e.key LIMIT 100`,
    /** $1 (time), $2 key of a person. */
    person: `SELECT ${columns('e')} FROM context_entry e WHERE e.type = 'person' AND e.key = $2 AND ${holds('e')}`,
    /** $1 (time), $2 key of a person, $3 longest chain: the person and those above. */
    chain: `
      WITH RECURSIVE chain AS (
        SELECT e.*, 0 AS depth FROM context_entry e WHERE e.type = 'person' AND e.key = $2 AND ${holds('e')}
        UNION ALL
        SELECT e.*, c.depth + 1 FROM chain c JOIN context_entry e ON e.type = 'person' AND e.key = c.person_key AND ${holds('e')} WHERE c.depth < $3
      )
      SELECT ${columns('c')} FROM chain c ORDER BY c.depth`,
    /** $1 (time), $2 type. */
    count: `SELECT count(*)::integer AS count FROM context_entry e WHERE e.type = $2 AND ${holds('e')}`,
  };
}

export const BREAK_GLASS_PEOPLE = `
  SELECT e.body, e.source, (SELECT max(at) FROM context_import WHERE source = e.source) AS "asOf"
    FROM context_entry e
   WHERE e.type = 'person' AND e.valid_until IS NULL AND (e.body->>'breakGlass')::boolean
   ORDER BY e.key`;

// Both read $1, so that they take the same parameters.
export const NOW = questions((alias) => `${alias}.valid_until IS NULL AND $1::timestamptz IS NULL`, ' AND $1::timestamptz IS NULL');
export const THEN = questions((alias) => `${alias}.valid_from <= $1 AND (${alias}.valid_until IS NULL OR ${alias}.valid_until > $1)`, ' AND at <= $1');
