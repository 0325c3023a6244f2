import type { QueryRunner } from 'typeorm';

/**
 * The clause that makes a function run as its owner. The search path is pinned to the schema that is being migrated,
 * with `pg_temp` last: a caller's own schema or temporary table can then not stand in for one of ours.
 */
export async function definer(runner: QueryRunner): Promise<string> {
  const rows = (await runner.query('SELECT quote_ident(current_schema()) AS schema')) as readonly { schema: string }[];
  const schema = rows[0]?.schema;
  if (!schema) throw new Error('the search path names no schema to create tables in');
  return `SECURITY DEFINER SET search_path = ${schema}, pg_temp`;
}
