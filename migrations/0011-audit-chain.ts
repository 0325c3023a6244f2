import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definer } from './definer.js';

/**
 * The sealed chain over audit rows. Rows, links and checkpoints are only ever added: triggers refuse everything else to
 * everyone, and the application writes rows and links through functions alone.
 */
export class AuditChain implements MigrationInterface {
  readonly name = 'audit-chain-0000000000011';

  async up(runner: QueryRunner): Promise<void> {
    const asOwner = await definer(runner);
    await runner.query(`
      CREATE TABLE audit_link (
        seq bigint NOT NULL,
        row_id uuid NOT NULL,
        prev_hash bytea NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT audit_link_pkey PRIMARY KEY (seq),
        CONSTRAINT audit_link_row_id_key UNIQUE (row_id),
        CONSTRAINT audit_link_row_id_fkey FOREIGN KEY (row_id) REFERENCES audit_row (id) DEFERRABLE,
        CONSTRAINT audit_link_hash_check CHECK (seq > 0 AND octet_length(prev_hash) = 32 AND octet_length(hash) = 32)
      );

      CREATE TABLE audit_checkpoint (
        seq bigint NOT NULL,
        hash bytea NOT NULL,
        at timestamptz NOT NULL,
        public_key bytea NOT NULL,
        signature bytea NOT NULL,
        CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (seq)
      );

      -- Rows without a link. It is what the anti-join of rows and links gives, kept up to date: each row comes in with its
      -- own commit, however late that is, so the sealer cannot pass one by and need not look through the sealed ones.
      CREATE TABLE audit_pending (
        row_id uuid NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT audit_pending_pkey PRIMARY KEY (row_id)
      );
      CREATE INDEX audit_pending_at_idx ON audit_pending (at, row_id);
      INSERT INTO audit_pending (row_id, at) SELECT id, at FROM audit_row;

      CREATE INDEX audit_row_actor_idx ON audit_row (actor, at);
      CREATE INDEX audit_row_target_idx ON audit_row (target, at);

      CREATE TRIGGER audit_link_no_change BEFORE UPDATE OR DELETE ON audit_link
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
      CREATE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON audit_link
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
      CREATE TRIGGER audit_checkpoint_no_change BEFORE UPDATE OR DELETE ON audit_checkpoint
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
      CREATE TRIGGER audit_checkpoint_no_truncate BEFORE TRUNCATE ON audit_checkpoint
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();

      CREATE FUNCTION audit_append(p_ids uuid[], p_at timestamptz, p_actions text[], p_actors text[], p_targets text[], p_details text[]) RETURNS void
      LANGUAGE sql ${asOwner} AS $function$
        INSERT INTO audit_row (id, at, action, actor, target, detail)
        SELECT id, p_at, action, actor, target, detail::jsonb
        FROM unnest(p_ids, p_actions, p_actors, p_targets, p_details) AS entry (id, action, actor, target, detail);
        INSERT INTO audit_pending (row_id, at) SELECT id, p_at FROM unnest(p_ids) AS entry (id);
      $function$;
      REVOKE ALL ON FUNCTION audit_append FROM PUBLIC;

      -- Adds links behind entry p_after, whose hash the caller states: a sealer that did not see the end of the chain
      -- cannot fork it. The primary key lets one of two that run at once through.
      CREATE FUNCTION audit_seal(p_after bigint, p_prev bytea, p_ids uuid[], p_hashes bytea[]) RETURNS void
      LANGUAGE plpgsql ${asOwner} AS $function$
      DECLARE
        v_none CONSTANT bytea := decode(repeat('00', 32), 'hex');
        v_seq bigint;
        v_hash bytea;
        v_taken bigint;
      BEGIN
        SELECT l.seq, l.hash INTO v_seq, v_hash FROM audit_link l ORDER BY l.seq DESC LIMIT 1;
        IF coalesce(v_seq, 0) <> p_after OR coalesce(v_hash, v_none) <> p_prev THEN
          RAISE EXCEPTION 'the audit chain does not end at entry % with this hash', p_after USING ERRCODE = 'serialization_failure';
        END IF;
        DELETE FROM audit_pending WHERE row_id = ANY (p_ids);
        GET DIAGNOSTICS v_taken = ROW_COUNT;
        IF v_taken <> cardinality(p_ids) OR v_taken <> cardinality(p_hashes) THEN
          RAISE EXCEPTION '% of % audit rows wait for a link', v_taken, cardinality(p_ids) USING ERRCODE = 'serialization_failure';
        END IF;
        INSERT INTO audit_link (seq, row_id, prev_hash, hash)
        SELECT p_after + n, id, CASE n WHEN 1 THEN p_prev ELSE p_hashes[n - 1] END, hash
        FROM unnest(p_ids, p_hashes) WITH ORDINALITY AS link (id, hash, n);
      END
      $function$;
      REVOKE ALL ON FUNCTION audit_seal FROM PUBLIC;

      -- How much of a counter the audit trail has already: a count that is saved late is audited as what it adds.
      ALTER TABLE refusal_counter ADD COLUMN audited bigint NOT NULL DEFAULT 0;
      CREATE INDEX refusal_counter_unaudited_idx ON refusal_counter (minute) WHERE audited < count;

      -- A restore loads tables in the order of their names, so a row may come before the one it refers to.
      ALTER TABLE evidence ALTER CONSTRAINT evidence_signal_id_fkey DEFERRABLE;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
