import type { FactBodies, IncidentFactBodies, JsonObject, NewFact } from '../kernel/index.js';
import { snapshotOf, type Incident } from './incident.js';

/** Facts that state a change of an incident. */
export type IncidentFactType = Extract<keyof IncidentFactBodies, `incident.${string}`>;

/** A fact about an incident as it is after the change, with what is particular to the change. */
export function incidentFact<T extends IncidentFactType>(type: T, incident: Incident, more: Omit<FactBodies[T], 'incidentId' | 'episode' | 'incident'>): NewFact<T> {
  const about: JsonObject = { incidentId: incident.id, episode: incident.episode, incident: snapshotOf(incident) };
  return {
    type,
    subject: `incident:${incident.id}`,
    body: { ...about, ...more } as FactBodies[T] & JsonObject,
  };
}
