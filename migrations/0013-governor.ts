import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the governor remembers: which effects it let go, and the kill switches. */
export class GovernorTables implements MigrationInterface {
  readonly name = 'governor-0000000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE governor_slot (
        effect_id uuid NOT NULL,
        run_id uuid NOT NULL,
        incident_id uuid,
        action text NOT NULL,
        class text NOT NULL,
        approval_id text,
        -- every name of those acted on, for the cool-down
        names text[] NOT NULL,
        -- the people and accounts among them, one name each, for the share of the directory
        identities text[] NOT NULL,
        reserved_at timestamptz NOT NULL,
        released_at timestamptz,
        CONSTRAINT governor_slot_pkey PRIMARY KEY (effect_id),
        CONSTRAINT governor_slot_class_check CHECK (class IN ('destructive', 'other', 'notify'))
      );
      CREATE INDEX governor_slot_class_reserved_at_idx ON governor_slot (class, reserved_at) WHERE released_at IS NULL;
      CREATE INDEX governor_slot_action_reserved_at_idx ON governor_slot (action, reserved_at) WHERE released_at IS NULL;

      CREATE TABLE governor_switch (
        scope text NOT NULL,
        engaged boolean NOT NULL,
        reason text NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT governor_switch_pkey PRIMARY KEY (scope)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
