import type { MigrationInterface, QueryRunner } from 'typeorm';
import { definer } from './definer.js';

/** Signatures are bound in the commit that appends their deliveries: one round trip, and no binding without its records. */
export class IntakeAppend implements MigrationInterface {
  readonly name = 'intake-append-0000000000010';

  async up(runner: QueryRunner): Promise<void> {
    const asOwner = await definer(runner);
    await runner.query(`
      -- Signatures come as one value, each of p_signature_length bytes, as bodies do in log_append. Either the rows of
      -- log_append, or one row 'replayed' for each signature that belongs to another delivery, with its ordinal as
      -- position; then nothing is appended.
      CREATE FUNCTION intake_append(
        p_signatures bytea, p_signature_length integer, p_claimants text[], p_expires_at timestamptz,
        p_ids uuid[], p_sources text[], p_streams text[], p_deliveries text[], p_item_indexes integer[],
        p_dedupe_keys bytea[], p_body_hashes bytea[], p_bodies bytea, p_body_lengths integer[], p_received_at timestamptz[]
      ) RETURNS TABLE (status text, "position" bigint, original_id uuid)
      LANGUAGE plpgsql ${asOwner} SET lock_timeout = '5s' AS $function$
      #variable_conflict use_column
      DECLARE
        v_bound bigint;
      BEGIN
        -- In the order of the signatures, or two groups with the same ones deadlock; before the lock of the log, which
        -- whoever waits for a signature would hold up for all.
        INSERT INTO intake_signature (signature, delivery, expires_at)
        SELECT substring(p_signatures FROM ((claim.n - 1) * p_signature_length + 1)::integer FOR p_signature_length), claim.delivery, p_expires_at
        FROM unnest(p_claimants) WITH ORDINALITY AS claim (delivery, n)
        ORDER BY 1, claim.n
        ON CONFLICT (signature) DO NOTHING;
        GET DIAGNOSTICS v_bound = ROW_COUNT;

        IF v_bound < cardinality(p_claimants) THEN
          -- A statement of its own: only a later snapshot sees the row of a transaction on which the insert waited.
          RETURN QUERY
          SELECT 'replayed', claim.n, NULL::uuid
          FROM unnest(p_claimants) WITH ORDINALITY AS claim (delivery, n)
          WHERE NOT EXISTS (
            SELECT FROM intake_signature AS known
            WHERE known.signature = substring(p_signatures FROM ((claim.n - 1) * p_signature_length + 1)::integer FOR p_signature_length)
              AND known.delivery = claim.delivery
          );
          IF FOUND THEN RETURN; END IF;
        END IF;

        RETURN QUERY SELECT * FROM log_append(p_ids, p_sources, p_streams, p_deliveries, p_item_indexes, p_dedupe_keys, p_body_hashes, p_bodies, p_body_lengths, p_received_at);
      END
      $function$;
      REVOKE ALL ON FUNCTION intake_append FROM PUBLIC;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
