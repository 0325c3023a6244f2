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

      CREATE TABLE log_dedupe (
        source text NOT NULL,
        key bytea NOT NULL,
        record_id uuid NOT NULL,
        body_hash bytea NOT NULL,
        received_at timestamptz NOT NULL,
        CONSTRAINT log_dedupe_pkey PRIMARY KEY (source, key)
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
        v_statuses text[] := array_fill('stored'::text, ARRAY[cardinality(p_ids)]);
        v_originals uuid[] := array_fill(NULL::uuid, ARRAY[cardinality(p_ids)]);
        v_stored bigint[];
        v_positions bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_ids)]);
        v_next integer := 1;
        v_fresh bigint;
        v_clash_key bytea;
        v_known record;
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

        INSERT INTO log_dedupe (source, key, record_id, body_hash, received_at)
        SELECT i.source, i.key, i.id, i.body_hash, i.received_at
        FROM unnest(p_sources, p_dedupe_keys, p_ids, p_body_hashes, p_received_at) WITH ORDINALITY AS i (source, key, id, body_hash, received_at, n)
        WHERE i.key IS NOT NULL
        ORDER BY i.source, i.key, i.n
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS v_fresh = ROW_COUNT;

        IF v_fresh < cardinality(array_remove(p_dedupe_keys, NULL)) THEN
          FOR i IN 1 .. cardinality(p_ids) LOOP
            CONTINUE WHEN p_dedupe_keys[i] IS NULL;
            SELECT d.record_id, d.body_hash INTO STRICT v_known FROM log_dedupe d WHERE d.source = p_sources[i] AND d.key = p_dedupe_keys[i];
            CONTINUE WHEN v_known.record_id = p_ids[i];
            IF v_known.body_hash <> p_body_hashes[i] THEN
              -- The clash is stored under a key of its own, so that a repeat of it is a duplicate.
              v_clash_key := sha256(p_dedupe_keys[i] || p_body_hashes[i]);
              INSERT INTO log_dedupe (source, key, record_id, body_hash, received_at)
              VALUES (p_sources[i], v_clash_key, p_ids[i], p_body_hashes[i], p_received_at[i])
              ON CONFLICT DO NOTHING;
              IF FOUND THEN
                v_statuses[i] := 'clash';
                CONTINUE;
              END IF;
              SELECT d.record_id INTO STRICT v_known FROM log_dedupe d WHERE d.source = p_sources[i] AND d.key = v_clash_key;
            END IF;
            v_statuses[i] := 'duplicate';
            v_originals[i] := v_known.record_id;
          END LOOP;
        END IF;

        WITH inserted AS (
          INSERT INTO log_record (position, id, source, stream, delivery, item_index, clash, body_hash, body, received_at)
          SELECT nextval('log_position'), i.id, i.source, i.stream, i.delivery, i.item_index, i.status = 'clash', i.body_hash, i.body, i.received_at
          FROM (
            SELECT *
            FROM unnest(p_ids, p_sources, p_streams, p_deliveries, p_item_indexes, v_statuses, p_body_hashes, v_bodies, p_received_at)
              WITH ORDINALITY AS u (id, source, stream, delivery, item_index, status, body_hash, body, received_at, n)
            WHERE u.status <> 'duplicate'
            ORDER BY n
          ) AS i
          RETURNING position
        )
        SELECT array_agg(position ORDER BY position) INTO v_stored FROM inserted;

        IF v_stored IS NOT NULL THEN
          INSERT INTO log_digest (first_position, last_position, count, sha256, received_at)
          SELECT v_stored[1], v_stored[cardinality(v_stored)], cardinality(v_stored),
            sha256(string_agg(uuid_send(i.id) || i.body_hash || i.digest, ''::bytea ORDER BY i.n)), max(i.received_at)
          FROM unnest(p_ids, v_statuses, p_body_hashes, v_digests, p_received_at) WITH ORDINALITY AS i (id, status, body_hash, digest, received_at, n)
          WHERE i.status <> 'duplicate';
        END IF;

        FOR i IN 1 .. cardinality(p_ids) LOOP
          IF v_statuses[i] <> 'duplicate' THEN
            v_positions[i] := v_stored[v_next];
            v_next := v_next + 1;
          END IF;
        END LOOP;
        RETURN QUERY SELECT r.status, r.position, r.original FROM unnest(v_statuses, v_positions, v_originals) WITH ORDINALITY AS r (status, position, original, n) ORDER BY r.n;
      END
      $function$;
      REVOKE ALL ON FUNCTION log_append FROM PUBLIC;

      -- At most 20 000 keys a call, so that no statement runs long however many are due; the caller repeats it.
      CREATE FUNCTION log_dedupe_trim(p_before timestamptz) RETURNS bigint
      LANGUAGE sql ${asOwner} AS $function$
        WITH gone AS (
          DELETE FROM log_dedupe WHERE ctid = ANY (ARRAY(SELECT ctid FROM log_dedupe WHERE received_at < p_before LIMIT 20000)) RETURNING 1
        ) SELECT count(*) FROM gone
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
        beacon integer,
        CONSTRAINT lease_pkey PRIMARY KEY (name)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
