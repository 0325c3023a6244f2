import { MIGRATION_TABLE } from '../database/data-source.js';
import { copyFrom, identifiers } from '../database/sql.js';

/** One snapshot for all tables; and the text form of values is the same whatever the server's settings. */
export const BEGIN_SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Tables are loaded in the order of their names: what refers to another row is checked at the commit. */
export const BEGIN_RESTORE = 'BEGIN; SET CONSTRAINTS ALL DEFERRED';

export const TEXT_FORM = "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1";

/** Tables with their columns and, for a partitioned one, its days; partitions come with their parent. */
export const TABLES = `
  SELECT c.relname AS name,
    (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    CASE WHEN c.relkind = 'p' THEN ARRAY(SELECT partition_days(c.relname::text)) ELSE ARRAY[]::text[] END AS days
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '${MIGRATION_TABLE}'
  ORDER BY c.relname`;

export const SEQUENCES = `
  SELECT sequencename AS name, last_value::text AS value FROM pg_sequences
  WHERE schemaname = 'public' AND sequencename <> '${MIGRATION_TABLE}_id_seq' ORDER BY sequencename`;

export const MIGRATIONS = `SELECT name FROM ${MIGRATION_TABLE} ORDER BY name`;

export const CREATE_PARTITION = "SELECT partition_create($1, to_date($2, 'YYYYMMDD'))";

export const SET_SEQUENCE = 'SELECT setval($1::regclass, $2::bigint, true)';

export const copyOut = (table: string, columns: readonly string[]): string => `COPY (SELECT ${identifiers(columns)} FROM ${identifiers([table])}) TO STDOUT`;

export const hasRows = (table: string): string => `SELECT EXISTS (SELECT FROM ${identifiers([table])}) AS found`;

export { copyFrom };
