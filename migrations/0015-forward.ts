import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents that a sink will never take as they are. */
export class Forward implements MigrationInterface {
  readonly name = 'forward-0000000000015';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE forward_dead_letter (
        sink text NOT NULL,
        feed text NOT NULL,
        position bigint NOT NULL,
        document_id uuid NOT NULL,
        dataset text NOT NULL,
        reason text NOT NULL,
        doc jsonb NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT forward_dead_letter_pkey PRIMARY KEY (sink, document_id)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
