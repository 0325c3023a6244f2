import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Playbook versions, their runs, and what a run waits for. Foreign keys are checked at the commit: a restore loads table by
 * table in the order of their names.
 */
export class Runs implements MigrationInterface {
  readonly name = 'runs-0000000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE playbook_version (
        hash text NOT NULL,
        playbook_id text NOT NULL,
        version text NOT NULL,
        source jsonb NOT NULL,
        stored_at timestamptz NOT NULL,
        CONSTRAINT playbook_version_pkey PRIMARY KEY (hash)
      );
      CREATE INDEX playbook_version_playbook_id_idx ON playbook_version (playbook_id, stored_at);

      CREATE TABLE run (
        id uuid NOT NULL,
        playbook_id text NOT NULL,
        playbook_hash text NOT NULL,
        -- incident:<id>:<episode>, or manual:<key of the caller>
        start_key text NOT NULL,
        incident_id uuid,
        episode integer,
        incident jsonb,
        trigger jsonb NOT NULL,
        requested_by text,
        priority integer NOT NULL,
        status text NOT NULL,
        outcome text,
        seq bigint NOT NULL,
        last_hash text NOT NULL,
        engine text NOT NULL,
        value jsonb NOT NULL,
        state jsonb NOT NULL,
        -- what the machine waits for: invoke id to effect, timer id to generation
        awaits jsonb NOT NULL,
        approvals jsonb NOT NULL,
        -- invoke id of a destructive action to what came of it
        containing jsonb NOT NULL,
        contained_at timestamptz,
        started_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        finished_at timestamptz,
        CONSTRAINT run_pkey PRIMARY KEY (id),
        CONSTRAINT run_playbook_id_start_key_key UNIQUE (playbook_id, start_key),
        CONSTRAINT run_playbook_hash_fkey FOREIGN KEY (playbook_hash) REFERENCES playbook_version (hash) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT run_status_check CHECK (status IN ('active', 'suspended', 'cancelling', 'done')),
        CONSTRAINT run_finished_check CHECK ((status = 'done') = (finished_at IS NOT NULL AND outcome IS NOT NULL))
      ) WITH (fillfactor = 70);
      CREATE INDEX run_started_at_id_idx ON run (started_at, id);
      CREATE INDEX run_incident_id_idx ON run (incident_id, episode) WHERE incident_id IS NOT NULL;
      CREATE INDEX run_unfinished_idx ON run (id) WHERE status <> 'done';

      CREATE TABLE run_event (
        run_id uuid NOT NULL,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        kind text NOT NULL,
        -- JSON as text: the hash is over these very bytes
        body text NOT NULL,
        actor text NOT NULL,
        changed boolean NOT NULL,
        value jsonb NOT NULL,
        hash text NOT NULL,
        CONSTRAINT run_event_pkey PRIMARY KEY (run_id, seq),
        CONSTRAINT run_event_run_id_fkey FOREIGN KEY (run_id) REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED
      );

      CREATE TABLE run_inbox (
        position bigint GENERATED ALWAYS AS IDENTITY,
        run_id uuid NOT NULL,
        dedupe_key text NOT NULL,
        body jsonb NOT NULL,
        actor text NOT NULL,
        received_at timestamptz NOT NULL,
        status text NOT NULL DEFAULT 'pending',
        CONSTRAINT run_inbox_pkey PRIMARY KEY (position),
        CONSTRAINT run_inbox_run_id_dedupe_key_key UNIQUE (run_id, dedupe_key),
        CONSTRAINT run_inbox_run_id_fkey FOREIGN KEY (run_id) REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT run_inbox_status_check CHECK (status IN ('pending', 'applied', 'dead'))
      );
      CREATE INDEX run_inbox_pending_idx ON run_inbox (run_id, position) WHERE status = 'pending';

      CREATE TABLE run_dead_letter (
        id uuid NOT NULL,
        run_id uuid,
        playbook_id text NOT NULL,
        body jsonb NOT NULL,
        error text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT run_dead_letter_pkey PRIMARY KEY (id)
      );
      CREATE INDEX run_dead_letter_run_id_idx ON run_dead_letter (run_id);

      CREATE TABLE effect (
        id uuid NOT NULL,
        run_id uuid NOT NULL,
        seq bigint NOT NULL,
        index integer NOT NULL,
        kind text NOT NULL,
        invoke_id text,
        action text NOT NULL,
        input jsonb NOT NULL,
        effect_class text,
        destructive boolean NOT NULL,
        entity_keys text[] NOT NULL,
        priority integer NOT NULL,
        mode text,
        status text NOT NULL,
        detached boolean NOT NULL,
        -- calls begun; calls that failed and count against the retries
        attempts integer NOT NULL,
        failures integer NOT NULL,
        timeout_ms bigint,
        retry jsonb,
        next_at timestamptz NOT NULL,
        deadline timestamptz,
        lease_owner uuid,
        lease_until timestamptz,
        fence integer NOT NULL,
        verdict jsonb,
        approved jsonb,
        output jsonb,
        error jsonb,
        undo_input jsonb,
        -- of an undo: the effect it takes back, and the plan that it is a step of
        undoes uuid,
        plan uuid,
        undone_at timestamptz,
        created_at timestamptz NOT NULL,
        settled_at timestamptz,
        CONSTRAINT effect_pkey PRIMARY KEY (id),
        CONSTRAINT effect_run_id_seq_index_key UNIQUE (run_id, seq, index),
        CONSTRAINT effect_run_id_fkey FOREIGN KEY (run_id) REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT effect_kind_check CHECK (kind IN ('invoke', 'notify', 'undo', 'plan')),
        CONSTRAINT effect_status_check CHECK (status IN ('ready', 'leased', 'waiting', 'done', 'failed', 'unknown', 'refused', 'cancelled'))
      ) WITH (fillfactor = 70);
      CREATE INDEX effect_ready_idx ON effect (next_at) WHERE status = 'ready';
      CREATE INDEX effect_leased_idx ON effect (lease_until) WHERE status = 'leased';

      CREATE TABLE effect_attempt (
        effect_id uuid NOT NULL,
        attempt integer NOT NULL,
        instance uuid NOT NULL,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        outcome text,
        detail text,
        CONSTRAINT effect_attempt_pkey PRIMARY KEY (effect_id, attempt),
        CONSTRAINT effect_attempt_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES effect (id) DEFERRABLE INITIALLY DEFERRED
      ) WITH (fillfactor = 70);

      CREATE TABLE run_timer (
        run_id uuid NOT NULL,
        timer_id text NOT NULL,
        generation bigint NOT NULL,
        due timestamptz NOT NULL,
        clock text NOT NULL,
        -- of a suspended run: it does not fire; one of the frozen clock keeps what was left
        held boolean NOT NULL,
        left_ms bigint,
        CONSTRAINT run_timer_pkey PRIMARY KEY (run_id, timer_id),
        CONSTRAINT run_timer_run_id_fkey FOREIGN KEY (run_id) REFERENCES run (id) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT run_timer_clock_check CHECK (clock IN ('wall', 'frozen'))
      );
      CREATE INDEX run_timer_due_idx ON run_timer (due) WHERE NOT held;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
