import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Decisions asked of people, their votes and the mails about them; sessions of the pages on which they decide. */
export class Approvals implements MigrationInterface {
  readonly name = 'approvals-0000000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE approval (
        id uuid NOT NULL,
        effect_id text NOT NULL,
        run_id text NOT NULL,
        playbook text NOT NULL,
        incident_id uuid,
        episode integer,
        role text NOT NULL,
        quorum integer NOT NULL,
        on_deadline text NOT NULL,
        content jsonb NOT NULL,
        about jsonb NOT NULL,
        requested_by text,
        requested_at timestamptz NOT NULL,
        deadline timestamptz NOT NULL,
        remind_at timestamptz,
        escalated_at timestamptz,
        break_glass boolean NOT NULL,
        state text NOT NULL,
        decided_at timestamptz,
        reason text,
        CONSTRAINT approval_pkey PRIMARY KEY (id),
        CONSTRAINT approval_quorum_check CHECK (quorum > 0),
        CONSTRAINT approval_on_deadline_check CHECK (on_deadline IN ('refuse', 'approve', 'escalate')),
        CONSTRAINT approval_state_check CHECK (state IN ('open', 'approved', 'refused', 'expired', 'withdrawn')),
        CONSTRAINT approval_decided_check CHECK ((state = 'open') = (decided_at IS NULL) AND (state = 'open') = (reason IS NULL))
      );
      CREATE UNIQUE INDEX approval_effect_id_idx ON approval (effect_id) WHERE state = 'open';
      CREATE INDEX approval_deadline_idx ON approval (deadline) WHERE state = 'open';
      CREATE INDEX approval_requested_at_idx ON approval (requested_at, id);
      CREATE INDEX approval_incident_id_idx ON approval (incident_id) WHERE incident_id IS NOT NULL;

      CREATE TABLE approval_vote (
        approval_id uuid NOT NULL,
        person text NOT NULL,
        choice text NOT NULL,
        reason text NOT NULL,
        actor text NOT NULL,
        break_glass boolean NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT approval_vote_pkey PRIMARY KEY (approval_id, person),
        CONSTRAINT approval_vote_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approval (id),
        CONSTRAINT approval_vote_choice_check CHECK (choice IN ('approve', 'refuse'))
      );

      CREATE TABLE approval_notice (
        id uuid NOT NULL,
        approval_id uuid NOT NULL,
        kind text NOT NULL,
        person text NOT NULL,
        address text NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL,
        next_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        settled_at timestamptz,
        error text,
        CONSTRAINT approval_notice_pkey PRIMARY KEY (id),
        CONSTRAINT approval_notice_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES approval (id),
        CONSTRAINT approval_notice_kind_check CHECK (kind IN ('requested', 'reminder', 'break_glass')),
        CONSTRAINT approval_notice_state_check CHECK (state IN ('waiting', 'sent', 'failed', 'dropped'))
      );
      CREATE INDEX approval_notice_next_at_idx ON approval_notice (next_at) WHERE state = 'waiting';
      CREATE INDEX approval_notice_approval_id_idx ON approval_notice (approval_id);

      CREATE TABLE web_session (
        hash bytea NOT NULL,
        key_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT web_session_pkey PRIMARY KEY (hash),
        CONSTRAINT web_session_key_id_fkey FOREIGN KEY (key_id) REFERENCES api_key (id)
      );
      CREATE INDEX web_session_expires_at_idx ON web_session (expires_at);

      -- Form tokens are signed with the secret of their session and need no row until one is used.
      CREATE TABLE web_session_form (
        session_hash bytea NOT NULL,
        nonce text NOT NULL,
        used_at timestamptz NOT NULL,
        CONSTRAINT web_session_form_pkey PRIMARY KEY (session_hash, nonce),
        CONSTRAINT web_session_form_session_hash_fkey FOREIGN KEY (session_hash) REFERENCES web_session (hash) ON DELETE CASCADE
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward: restore a backup instead');
  }
}
