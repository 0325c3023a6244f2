import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definer } from './definer.js';

/**
 * The event log: raw records in daily partitions, de-duplication keys, one digest a group, and the functions that are
 * the only way to write them. The application role has no INSERT on these tables, so nothing can append past the lock
 * that makes position order commit order.
 */
export class Log implements MigrationInterface {
  readonly name = 'log-0000000000001';

  async up(runner: QueryRunner): Promise<void> {
    const asOwner = await definer(runner);
    await runner.query(`
      CREATE SEQUENCE log_position AS bigint CACHE 1;

      CREATE TABLE log_record (
        position bigint NOT NULL,
        id uuid NOT NULL,
        source text NOT NULL,
        stream text NOT NULL,
        delivery text NOT NULL,
        item_index integer NOT NULL,
        clash boolean NOT NULL,
        body_hash bytea NOT NULL,
        body bytea NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT log_record_pkey PRIMARY KEY (position, received_at)
      ) PARTITION BY RANGE (received_at);

      -- The hash belongs to the key: a second body under a known key is a clash, and a repeat of that clash a duplicate.
      CREATE TABLE log_dedupe (
        source text NOT NULL,
        key bytea NOT NULL,
        body_hash bytea NOT NULL,
        record_id uuid NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT log_dedupe_pkey PRIMARY KEY (source, key, body_hash)
      );
      CREATE INDEX log_dedupe_received_at_brin ON log_dedupe USING brin (received_at);

      CREATE TABLE log_digest (
        first_position bigint NOT NULL,
        last_position bigint NOT NULL,
        count integer NOT NULL,
        sha256 bytea NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT log_digest_pkey PRIMARY KEY (first_position)
      );
    `);
    await runner.query(`
      CREATE FUNCTION log_append(
        p_ids uuid[], p_sources text[], p_streams text[], p_deliveries text[], p_item_indexes integer[],
        p_dedupe_keys bytea[], p_body_hashes bytea[], p_bodies bytea, p_body_lengths integer[], p_received_at timestamptz[]
      ) RETURNS TABLE (status text, "position" bigint, original_id uuid)
      LANGUAGE plpgsql ${asOwner} SET lock_timeout = '5s' AS $function$
      #variable_conflict use_column
      DECLARE
        v_bodies bytea[];
        v_digests bytea[];
      BEGIN
        -- Work that needs no order is done before the lock, which every appender of the database waits for.
        SELECT array_agg(body ORDER BY n), array_agg(sha256(body) ORDER BY n) INTO v_bodies, v_digests
        FROM (
          SELECT n, substring(p_bodies FROM (sum(length) OVER (ORDER BY n) - length + 1)::integer FOR length) AS body
          FROM unnest(p_body_lengths) WITH ORDINALITY AS lengths (length, n)
        ) AS cut;

        -- One key a database, taken before nextval and held to the commit. Dedupe keys come after it: before it, two
        -- groups with the same keys in another order deadlock.
        PERFORM pg_advisory_xact_lock(1129271876, 1);

        RETURN QUERY
        WITH input AS MATERIALIZED (
          SELECT *
          FROM unnest(p_ids, p_sources, p_streams, p_deliveries, p_item_indexes, p_dedupe_keys, p_body_hashes, v_bodies, v_digests, p_received_at)
            WITH ORDINALITY AS i (id, source, stream, delivery, item_index, key, body_hash, body, digest, received_at, n)
        ), ranked AS (
          SELECT i.n, i.id, i.source, i.key, i.body_hash, i.received_at,
            first_value(i.id) OVER (PARTITION BY i.source, i.key, i.body_hash ORDER BY i.n) AS first_id,
            row_number() OVER (PARTITION BY i.source, i.key, i.body_hash ORDER BY i.n) AS copy,
            first_value(i.body_hash) OVER (PARTITION BY i.source, i.key ORDER BY i.n) AS first_hash
          FROM input i WHERE i.key IS NOT NULL
        ), judged AS MATERIALIZED (
          SELECT r.*, coalesce(seen.record_id, CASE WHEN r.copy > 1 THEN r.first_id END) AS original,
            r.body_hash <> r.first_hash OR EXISTS (
              SELECT FROM log_dedupe other WHERE other.source = r.source AND other.key = r.key AND other.body_hash <> r.body_hash
            ) AS clash
          FROM ranked r
          LEFT JOIN log_dedupe seen ON seen.source = r.source AND seen.key = r.key AND seen.body_hash = r.body_hash
        ), verdict AS MATERIALIZED (
          SELECT i.n, j.original, coalesce(j.clash, false) AS clash FROM input i LEFT JOIN judged j ON j.n = i.n
        ), placed AS MATERIALIZED (
          SELECT kept.n, kept.clash, nextval('log_position') AS position
          FROM (SELECT v.n, v.clash FROM verdict v WHERE v.original IS NULL ORDER BY v.n) AS kept
        ), keys AS (
          INSERT INTO log_dedupe (source, key, body_hash, record_id, received_at)
          SELECT j.source, j.key, j.body_hash, j.id, j.received_at FROM judged j WHERE j.original IS NULL
          ORDER BY j.source, j.key
        ), records AS (
          INSERT INTO log_record (position, id, source, stream, delivery, item_index, clash, body_hash, body, received_at)
          SELECT p.position, i.id, i.source, i.stream, i.delivery, i.item_index, p.clash, i.body_hash, i.body, i.received_at
          FROM placed p JOIN input i ON i.n = p.n
          ORDER BY p.position
        ), digest AS (
          INSERT INTO log_digest (first_position, last_position, count, sha256, received_at)
          SELECT min(p.position), max(p.position), count(*), sha256(string_agg(uuid_send(i.id) || i.body_hash || i.digest, ''::bytea ORDER BY p.position)), max(i.received_at)
          FROM placed p JOIN input i ON i.n = p.n
          HAVING count(*) > 0
        )
        SELECT CASE WHEN v.original IS NOT NULL THEN 'duplicate' WHEN v.clash THEN 'clash' ELSE 'stored' END, p.position, v.original
        FROM verdict v LEFT JOIN placed p ON p.n = v.n
        ORDER BY v.n;
      END
      $function$;
      REVOKE ALL ON FUNCTION log_append FROM PUBLIC;

      CREATE FUNCTION log_dedupe_trim(p_before timestamptz) RETURNS bigint
      LANGUAGE sql ${asOwner} AS $function$
        WITH gone AS (DELETE FROM log_dedupe WHERE received_at < p_before RETURNING 1) SELECT count(*) FROM gone
      $function$;
      REVOKE ALL ON FUNCTION log_dedupe_trim FROM PUBLIC;
    `);
    await runner.query(`
      -- Attaching a finished table locks its parent against other schema changes only; CREATE … PARTITION OF would stop
      -- every insert and wait for every open one.
      CREATE FUNCTION partition_create(p_parent text, p_day date) RETURNS boolean
      LANGUAGE plpgsql ${asOwner} SET lock_timeout = '5s' SET timezone = 'UTC' AS $function$
      DECLARE
        v_name text := p_parent || '_' || to_char(p_day, 'YYYYMMDD');
        v_from timestamptz := p_day::timestamptz;
        v_to timestamptz := (p_day + 1)::timestamptz;
      BEGIN
        IF p_parent NOT IN ('log_record', 'event') THEN
          RAISE EXCEPTION 'no partitioned table %', p_parent USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM pg_advisory_xact_lock(1129271876, 2);
        IF to_regclass(v_name) IS NOT NULL THEN RETURN false; END IF;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', v_name, p_parent);
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (received_at >= %L AND received_at < %L)', v_name, v_name || '_day', v_from, v_to);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', p_parent, v_name, v_from, v_to);
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', v_name, v_name || '_day');
        RETURN true;
      END
      $function$;
      REVOKE ALL ON FUNCTION partition_create FROM PUBLIC;

      CREATE FUNCTION partition_drop(p_parent text, p_day date) RETURNS boolean
      LANGUAGE plpgsql ${asOwner} SET lock_timeout = '2s' AS $function$
      DECLARE
        v_name text := p_parent || '_' || to_char(p_day, 'YYYYMMDD');
      BEGIN
        IF p_parent NOT IN ('log_record', 'event') THEN
          RAISE EXCEPTION 'no partitioned table %', p_parent USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM pg_advisory_xact_lock(1129271876, 2);
        IF to_regclass(v_name) IS NULL THEN RETURN false; END IF;
        EXECUTE format('DROP TABLE %I', v_name);
        RETURN true;
      END
      $function$;
      REVOKE ALL ON FUNCTION partition_drop FROM PUBLIC;

      CREATE FUNCTION partition_days(p_parent text) RETURNS SETOF text
      LANGUAGE sql STABLE ${asOwner} AS $function$
        SELECT right(child.relname, 8) FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent = to_regclass(p_parent) ORDER BY 1
      $function$;
      REVOKE ALL ON FUNCTION partition_days FROM PUBLIC;
    `);
    await runner.query(`
      CREATE TABLE consumer_cursor (
        name text NOT NULL,
        reads text NOT NULL,
        position bigint NOT NULL,
        updated_at timestamptz NOT NULL,
        lost bigint NOT NULL DEFAULT 0,
        lossy_at timestamptz,
        CONSTRAINT consumer_cursor_pkey PRIMARY KEY (name),
        CONSTRAINT consumer_cursor_reads_check CHECK (reads IN ('log_record', 'event', 'fact'))
      );

      CREATE TABLE lease (
        name text NOT NULL,
        holder text NOT NULL,
        fence bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT lease_pkey PRIMARY KEY (name)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
