import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Breach cases. What was recorded of a case is only ever added to: a correction is a newer row, so that it stays visible
 * who knew what and when.
 */
export class Breach implements MigrationInterface {
  readonly name = 'breach-0000000000016';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE breach_regime_act (
        id uuid NOT NULL,
        regime text NOT NULL,
        version text NOT NULL,
        enabled boolean NOT NULL,
        by_actor text NOT NULL,
        reason text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT breach_regime_act_pkey PRIMARY KEY (id)
      );
      CREATE INDEX breach_regime_act_regime_idx ON breach_regime_act (regime, at, id);

      CREATE TABLE breach_case (
        id uuid NOT NULL,
        incident_id uuid NOT NULL,
        episode integer NOT NULL,
        opened_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        closed_at timestamptz,
        decision text,
        close_reason text,
        CONSTRAINT breach_case_pkey PRIMARY KEY (id),
        CONSTRAINT breach_case_incident_id_episode_key UNIQUE (incident_id, episode),
        CONSTRAINT breach_case_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incident (id),
        CONSTRAINT breach_case_decision_check CHECK (decision IN ('notified', 'not_notifiable')),
        CONSTRAINT breach_case_closed_check CHECK ((closed_at IS NULL) = (decision IS NULL) AND (closed_at IS NULL) = (close_reason IS NULL))
      );
      CREATE INDEX breach_case_opened_at_id_idx ON breach_case (opened_at, id);

      CREATE TABLE breach_event (
        id uuid NOT NULL,
        case_id uuid NOT NULL,
        kind text NOT NULL,
        at timestamptz NOT NULL,
        basis text NOT NULL,
        why text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT breach_event_pkey PRIMARY KEY (id),
        CONSTRAINT breach_event_case_id_fkey FOREIGN KEY (case_id) REFERENCES breach_case (id),
        CONSTRAINT breach_event_basis_check CHECK (basis IN ('recorded', 'provisional'))
      );
      CREATE INDEX breach_event_case_id_idx ON breach_event (case_id, recorded_at, id);

      CREATE TABLE breach_finding (
        id uuid NOT NULL,
        case_id uuid NOT NULL,
        name text NOT NULL,
        value text NOT NULL,
        why text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT breach_finding_pkey PRIMARY KEY (id),
        CONSTRAINT breach_finding_case_id_fkey FOREIGN KEY (case_id) REFERENCES breach_case (id)
      );
      CREATE INDEX breach_finding_case_id_idx ON breach_finding (case_id, recorded_at, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
