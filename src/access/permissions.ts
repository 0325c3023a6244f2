import type { Permission, Role } from '../kernel/index.js';

/** What anyone with a key may see: no personal data beyond what a signal names. */
const VIEWER: readonly Permission[] = ['self.read', 'signals.read', 'incidents.read', 'rules.read', 'actions.read', 'sources.read'];
const READER: readonly Permission[] = [...VIEWER, 'events.read', 'pipeline_errors.read', 'context.read', 'governor.read', 'runs.read'];
/** Who works on incidents. An approver and the privacy role judge what others do there. */
const ANALYST: readonly Permission[] = [...READER, 'incidents.manage', 'runs.manage', 'approvals.read', 'approvals.decide', 'breach.read'];

/**
 * Role → permissions. A role is not above another one: an admin manages keys and runs the system, and needs the role of
 * an analyst or auditor too in order to read events or the audit chain, so that reading them is a decision on record.
 */
const TABLE: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: VIEWER,
  analyst: ANALYST,
  engineer: [...READER, 'metrics.read', 'pipeline_errors.replay', 'forward.read', 'forward.manage'],
  responder: [...ANALYST, 'governor.manage'],
  approver: [...READER, 'approvals.read', 'approvals.decide'],
  privacy: [...READER, 'approvals.read', 'approvals.decide', 'breach.read', 'breach.manage'],
  auditor: [...VIEWER, 'approvals.read', 'breach.read', 'audit.read', 'keys.read', 'governor.read', 'runs.read'],
  admin: [...VIEWER, 'metrics.read', 'forward.read', 'keys.read', 'keys.manage', 'context.manage', 'governor.read', 'governor.manage'],
};

export function permissionsOf(role: Role): readonly Permission[] {
  return TABLE[role];
}

export function mayDo(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => TABLE[role].includes(permission));
}
