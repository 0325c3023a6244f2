import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is known of people, accounts and endpoints, with its history: a row holds from the import that brought it until
 * the import that no longer said the same.
 */
export class Context implements MigrationInterface {
  readonly name = 'context-0000000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE context_import (
        id uuid NOT NULL,
        source text NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        counts jsonb NOT NULL,
        CONSTRAINT context_import_pkey PRIMARY KEY (id)
      );
      CREATE INDEX context_import_source_at_idx ON context_import (source, at);

      CREATE TABLE context_entry (
        type text NOT NULL,
        key text NOT NULL,
        source text NOT NULL,
        person_key text,
        body jsonb NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_until timestamptz,
        CONSTRAINT context_entry_pkey PRIMARY KEY (type, key, source, valid_from),
        CONSTRAINT context_entry_type_check CHECK (type IN ('person', 'account', 'endpoint'))
      );
      -- One source at a time may state an entry.
      CREATE UNIQUE INDEX context_entry_current_key ON context_entry (type, key) WHERE valid_until IS NULL;
      CREATE INDEX context_entry_source_idx ON context_entry (source) WHERE valid_until IS NULL;

      CREATE TABLE context_name (
        kind text NOT NULL,
        key text NOT NULL,
        system text NOT NULL,
        entry_type text NOT NULL,
        entry_key text NOT NULL,
        source text NOT NULL,
        valid_from timestamptz NOT NULL,
        valid_until timestamptz,
        CONSTRAINT context_name_pkey PRIMARY KEY (kind, key, system, entry_type, entry_key, source, valid_from),
        CONSTRAINT context_name_kind_check CHECK (kind IN ('person', 'account', 'token', 'ip', 'host', 'endpoint'))
      );
      CREATE INDEX context_name_source_idx ON context_name (source) WHERE valid_until IS NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
