import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definer } from './definer.js';

/** Bounds on what grew without one: batches of events in bytes, digests of records that are gone, raw text of resolved errors. */
export class Bounds implements MigrationInterface {
  readonly name = 'bounds-0000000000009';

  async up(runner: QueryRunner): Promise<void> {
    const asOwner = await definer(runner);
    await runner.query(`
      -- Length of doc as JSON text. A reader cuts its batch by it; PostgreSQL itself knows the compressed size only. Rows
      -- of before have 0.
      ALTER TABLE event ADD COLUMN bytes integer NOT NULL DEFAULT 0;

      UPDATE pipeline_error SET raw = '' WHERE status <> 'open';

      CREATE INDEX log_digest_received_at_brin ON log_digest USING brin (received_at);

      -- At most 20 000 rows a call, as log_dedupe_trim.
      CREATE FUNCTION log_digest_trim(p_before timestamptz) RETURNS bigint
      LANGUAGE sql ${asOwner} AS $function$
        WITH gone AS (
          DELETE FROM log_digest WHERE ctid = ANY (ARRAY(SELECT ctid FROM log_digest WHERE received_at < p_before LIMIT 20000)) RETURNING 1
        ) SELECT count(*) FROM gone
      $function$;
      REVOKE ALL ON FUNCTION log_digest_trim FROM PUBLIC;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
