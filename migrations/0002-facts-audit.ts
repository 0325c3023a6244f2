import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definer } from './definer.js';

/** The fact log with its fence, audit rows that cannot be changed, and counters of refused deliveries. */
export class FactsAudit implements MigrationInterface {
  readonly name = 'facts-audit-0000000000002';

  async up(runner: QueryRunner): Promise<void> {
    const asOwner = await definer(runner);
    await runner.query(`
      CREATE SEQUENCE fact_position AS bigint CACHE 1;

      CREATE TABLE fact (
        position bigint NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        body jsonb NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT fact_pkey PRIMARY KEY (position),
        CONSTRAINT fact_id_key UNIQUE (id)
      );

      -- Key space of the fence: bigint advisory locks above 0x4346 << 48. All other locks of ours are pairs of int4, which
      -- PostgreSQL keeps apart from bigint ones.
      CREATE FUNCTION fact_append(p_ids uuid[], p_types text[], p_subjects text[], p_bodies text[], p_at timestamptz) RETURNS void
      LANGUAGE plpgsql ${asOwner} AS $function$
      DECLARE
        v_seen bigint;
      BEGIN
        -- The sequence is read before the lock and the lock is held before nextval: whatever this transaction inserts is
        -- above v_seen, and until it commits a reader stops there.
        SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO v_seen FROM fact_position;
        PERFORM pg_advisory_xact_lock_shared(4847562048910917632 + v_seen);
        INSERT INTO fact (position, id, type, subject, body, at)
        SELECT nextval('fact_position'), f.id, f.type, f.subject, f.body::jsonb, p_at
        FROM (
          SELECT * FROM unnest(p_ids, p_types, p_subjects, p_bodies) WITH ORDINALITY AS u (id, type, subject, body, n) ORDER BY n
        ) AS f;
      END
      $function$;
      REVOKE ALL ON FUNCTION fact_append FROM PUBLIC;

      -- The highest position below which no fact is still to come. Volatile on purpose: each statement takes its own
      -- snapshot, and the sequence must be read before the locks.
      CREATE FUNCTION fact_fence() RETURNS bigint
      LANGUAGE plpgsql ${asOwner} AS $function$
      DECLARE
        v_last bigint;
        v_lowest bigint;
      BEGIN
        SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END INTO v_last FROM fact_position;
        SELECT min((classid::bigint << 32 | objid::bigint) - 4847562048910917632) INTO v_lowest
        FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid::bigint >> 16 = 17222
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
        RETURN least(v_last, v_lowest);
      END
      $function$;
      REVOKE ALL ON FUNCTION fact_fence FROM PUBLIC;

      CREATE TABLE audit_row (
        id uuid NOT NULL,
        at timestamptz NOT NULL,
        action text NOT NULL,
        actor text NOT NULL,
        target text NOT NULL,
        detail jsonb NOT NULL,
        CONSTRAINT audit_row_pkey PRIMARY KEY (id)
      );
      CREATE INDEX audit_row_at_idx ON audit_row (at);

      CREATE FUNCTION audit_refuse_change() RETURNS trigger
      LANGUAGE plpgsql AS $function$
      BEGIN
        RAISE EXCEPTION 'audit rows cannot be changed (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
      END
      $function$;
      CREATE TRIGGER audit_row_no_change BEFORE UPDATE OR DELETE ON audit_row
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
      CREATE TRIGGER audit_row_no_truncate BEFORE TRUNCATE ON audit_row
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

      CREATE TABLE refusal_counter (
        source text NOT NULL,
        reason text NOT NULL,
        minute timestamptz NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT refusal_counter_pkey PRIMARY KEY (minute, source, reason)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
