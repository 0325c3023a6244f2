/**
 * All that the application role may do, table by table. It owns nothing. What must go through a function (appending to
 * the log, the fact log or the audit trail, binding signatures, partitions) is not granted on the table.
 */
export const TABLE_GRANTS: Readonly<Record<string, string>> = {
  schema_migration: 'SELECT',
  log_record: 'SELECT',
  log_dedupe: 'SELECT',
  log_digest: 'SELECT',
  consumer_cursor: 'SELECT, INSERT, UPDATE, DELETE',
  lease: 'SELECT, INSERT, UPDATE, DELETE',
  fact: 'SELECT',
  audit_row: 'SELECT',
  audit_pending: 'SELECT',
  audit_link: 'SELECT',
  audit_checkpoint: 'SELECT, INSERT',
  refusal_counter: 'SELECT, INSERT, UPDATE',
  intake_signature: 'SELECT, DELETE',
  event: 'SELECT, INSERT',
  pipeline_error: 'SELECT, INSERT, UPDATE',
  signal: 'SELECT, INSERT',
  evidence: 'SELECT, INSERT',
  window_state: 'SELECT, INSERT, UPDATE, DELETE',
  incident: 'SELECT, INSERT, UPDATE',
  incident_entity: 'SELECT, INSERT, UPDATE',
  incident_signal: 'SELECT, INSERT, UPDATE',
  detect_checkpoint: 'SELECT, INSERT, UPDATE, DELETE',
  approval: 'SELECT, INSERT, UPDATE',
  approval_vote: 'SELECT, INSERT',
  approval_notice: 'SELECT, INSERT, UPDATE',
  web_session: 'SELECT, INSERT, DELETE',
  web_session_form: 'SELECT, INSERT',
  api_key: 'SELECT, INSERT, UPDATE',
  setting: 'SELECT, INSERT, UPDATE, DELETE',
  breach_regime_act: 'SELECT, INSERT',
  breach_case: 'SELECT, INSERT, UPDATE (closed_at, decision, close_reason)',
  breach_event: 'SELECT, INSERT',
  breach_finding: 'SELECT, INSERT',
  context_import: 'SELECT, INSERT',
  context_entry: 'SELECT, INSERT, UPDATE (valid_until)',
  context_name: 'SELECT, INSERT, UPDATE (valid_until)',
  governor_slot: 'SELECT, INSERT, UPDATE',
  governor_switch: 'SELECT, INSERT, UPDATE',
};

export const FUNCTION_GRANTS: readonly string[] = [
  'log_append', 'intake_append', 'log_dedupe_trim', 'log_digest_trim', 'partition_create', 'partition_drop', 'partition_days', 'fact_append', 'fact_fence',
  'audit_append', 'audit_seal',
];
