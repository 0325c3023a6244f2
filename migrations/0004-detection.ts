import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signals, the events they cite, and the state detection resumes from. */
export class Detection implements MigrationInterface {
  readonly name = 'detection-0000000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE signal (
        id uuid NOT NULL,
        rule_id text NOT NULL,
        rule_title text NOT NULL,
        rule_version text NOT NULL,
        rule_kind text NOT NULL,
        level text NOT NULL,
        tags text[] NOT NULL,
        group_values jsonb NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        window_ms bigint,
        granularity_ms bigint,
        value double precision,
        terms jsonb NOT NULL,
        event_ids text[] NOT NULL,
        event_count integer NOT NULL,
        late boolean NOT NULL,
        position bigint NOT NULL,
        fired_at timestamptz NOT NULL,
        CONSTRAINT signal_pkey PRIMARY KEY (id)
      );
      CREATE INDEX signal_fired_at_id_idx ON signal (fired_at, id);
      CREATE INDEX signal_rule_id_idx ON signal (rule_id);

      CREATE TABLE evidence (
        signal_id uuid NOT NULL,
        record_id uuid NOT NULL,
        position bigint NOT NULL,
        doc jsonb NOT NULL,
        CONSTRAINT evidence_pkey PRIMARY KEY (signal_id, record_id),
        CONSTRAINT evidence_signal_id_fkey FOREIGN KEY (signal_id) REFERENCES signal (id)
      );

      CREATE TABLE window_state (
        shard text NOT NULL,
        rule_id text NOT NULL,
        rule_version text NOT NULL,
        group_key text NOT NULL,
        state bytea NOT NULL,
        CONSTRAINT window_state_pkey PRIMARY KEY (shard, rule_id, group_key)
      );

      CREATE TABLE detect_checkpoint (
        shard text NOT NULL,
        position bigint NOT NULL,
        engine_version integer NOT NULL,
        saved_at timestamptz NOT NULL,
        CONSTRAINT detect_checkpoint_pkey PRIMARY KEY (shard)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
