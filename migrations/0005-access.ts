import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys (only their hash) and settings that belong to the database rather than to a file. */
export class Access implements MigrationInterface {
  readonly name = 'access-0000000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_key (
        id uuid NOT NULL,
        name text NOT NULL,
        hash bytea NOT NULL,
        prefix text NOT NULL,
        roles text[] NOT NULL,
        person text,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        revoked_at timestamptz,
        CONSTRAINT api_key_pkey PRIMARY KEY (id),
        CONSTRAINT api_key_hash_key UNIQUE (hash)
      );

      CREATE TABLE setting (
        key text NOT NULL,
        value jsonb NOT NULL,
        CONSTRAINT setting_pkey PRIMARY KEY (key)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
