import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Incidents with their entities and signals, and the way from an incident to its facts. */
export class Incidents implements MigrationInterface {
  readonly name = 'incidents-0000000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE incident (
        id uuid NOT NULL,
        status text NOT NULL,
        episode integer NOT NULL,
        title text NOT NULL,
        level text NOT NULL,
        tags text[] NOT NULL,
        grounds jsonb NOT NULL,
        risk integer NOT NULL,
        risk_parts jsonb NOT NULL,
        signal_count integer NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        opened_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        closed_at timestamptz,
        verdict text,
        assignee text,
        merged_into uuid,
        CONSTRAINT incident_pkey PRIMARY KEY (id),
        CONSTRAINT incident_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES incident (id),
        CONSTRAINT incident_status_check CHECK (status IN ('open', 'triaged', 'contained', 'closed', 'merged')),
        CONSTRAINT incident_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL AND verdict IS NOT NULL)),
        CONSTRAINT incident_merged_check CHECK ((status = 'merged') = (merged_into IS NOT NULL))
      );
      CREATE INDEX incident_opened_at_id_idx ON incident (opened_at, id);
      CREATE INDEX incident_merged_into_idx ON incident (merged_into) WHERE merged_into IS NOT NULL;

      CREATE TABLE incident_entity (
        incident_id uuid NOT NULL,
        type text NOT NULL,
        key text NOT NULL,
        value text NOT NULL,
        subject boolean NOT NULL,
        CONSTRAINT incident_entity_pkey PRIMARY KEY (incident_id, type, key),
        CONSTRAINT incident_entity_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident (id)
      );
      CREATE INDEX incident_entity_key_type_idx ON incident_entity (key, type);

      CREATE TABLE incident_signal (
        signal_id uuid NOT NULL,
        incident_id uuid NOT NULL,
        episode integer NOT NULL,
        rule_id text NOT NULL,
        title text NOT NULL,
        level text NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        added_at timestamptz NOT NULL,
        CONSTRAINT incident_signal_pkey PRIMARY KEY (signal_id),
        CONSTRAINT incident_signal_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident (id)
      );
      CREATE INDEX incident_signal_incident_id_idx ON incident_signal (incident_id, first_at);

      -- the timeline of an incident: every fact whose body names it, whoever stated it
      CREATE INDEX fact_incident_id_idx ON fact ((body->>'incidentId'), position) WHERE body ? 'incidentId';
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
