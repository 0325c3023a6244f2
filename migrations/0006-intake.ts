import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signatures that were seen, each with the delivery it belongs to, for as long as they are fresh. */
export class Intake implements MigrationInterface {
  readonly name = 'intake-0000000000006';

  async up(runner: QueryRunner): Promise<void> {
    // Unlogged: a row matters for some minutes. A crash of PostgreSQL empties the table, and until the signatures of the
    // last minutes go stale a captured one could be used under another delivery id; docs/intake.md says so.
    await runner.query(`
      CREATE UNLOGGED TABLE intake_signature (
        signature bytea NOT NULL,
        delivery text NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT intake_signature_pkey PRIMARY KEY (signature)
      );
      CREATE INDEX intake_signature_expires_at_brin ON intake_signature USING brin (expires_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
