import type { EntityRef, IncidentSnapshot } from '../../kernel/index.js';

/** Whom an incident is about, as the run knows it. */
export function subjectOf(incident: IncidentSnapshot | null): EntityRef[] {
  if (!incident || incident.subject.type === 'rule') return [];
  return [{ type: incident.subject.type, value: incident.subject.id }, ...incident.subject.accounts.map((value) => ({ type: 'account' as const, value }))];
}
