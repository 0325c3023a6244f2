/** Who may do what: the vocabulary. The table from role to permission is in `access/permissions.ts`. */

export const ROLES = ['viewer', 'analyst', 'engineer', 'responder', 'approver', 'privacy', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Every permission a route may ask for. A module that offers a new operation adds its line here and to the role table. */
export const PERMISSIONS = [
  'self.read',
  'signals.read',
  'incidents.read',
  'incidents.manage',
  'events.read',
  'rules.read',
  'actions.read',
  'runs.read',
  'runs.manage',
  'sources.read',
  'metrics.read',
  'pipeline_errors.read',
  'pipeline_errors.replay',
  'context.read',
  'context.manage',
  'breach.read',
  'breach.manage',
  'approvals.read',
  'approvals.decide',
  'governor.read',
  'governor.manage',
  'forward.read',
  'forward.manage',
  'audit.read',
  'keys.read',
  'keys.manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** An authenticated caller. */
export interface Principal {
  /** Actor of audit entries: `key:<id>`. */
  readonly actor: string;
  /** Name a person gave the key. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** Person of the context that the key belongs to; null for the key of a machine. */
  readonly person: string | null;
}
