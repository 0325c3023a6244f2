import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Normalised events for search, in daily partitions, and records that could not be normalised. */
export class Events implements MigrationInterface {
  readonly name = 'events-0000000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event (
        position bigint NOT NULL,
        record_id uuid NOT NULL,
        source text NOT NULL,
        stream text NOT NULL,
        received_at timestamptz NOT NULL,
        event_time timestamptz NOT NULL,
        kind text NOT NULL,
        action text,
        severity integer,
        user_name text,
        user_id text,
        source_ip text,
        token_id text,
        destination text,
        doc jsonb NOT NULL,
        CONSTRAINT event_pkey PRIMARY KEY (position, received_at)
      ) PARTITION BY RANGE (received_at);
      CREATE INDEX event_record_id_idx ON event (record_id);
      CREATE INDEX event_event_time_idx ON event (event_time);
      CREATE INDEX event_user_name_idx ON event (user_name, event_time) WHERE user_name IS NOT NULL;
      CREATE INDEX event_source_ip_idx ON event (source_ip, event_time) WHERE source_ip IS NOT NULL;

      CREATE TABLE pipeline_error (
        record_id uuid NOT NULL,
        position bigint NOT NULL,
        source text NOT NULL,
        stream text NOT NULL,
        code text NOT NULL,
        message text NOT NULL,
        raw bytea NOT NULL,
        status text NOT NULL DEFAULT 'open',
        at timestamptz NOT NULL,
        resolved_at timestamptz,
        replayed_as uuid,
        CONSTRAINT pipeline_error_pkey PRIMARY KEY (record_id),
        CONSTRAINT pipeline_error_status_check CHECK (status IN ('open', 'replayed', 'discarded'))
      );
      CREATE INDEX pipeline_error_status_at_idx ON pipeline_error (status, at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
