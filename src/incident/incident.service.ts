import type { AuditSink, FactSink, JsonObject, NewFact, Verdict } from '../kernel/index.js';
import type { Database, DatabaseTx, Metrics, WakeUp } from '../platform/index.js';
import { incidentFact } from './incident-fact.js';
import { incidentErrors } from './incident.errors.js';
import type { incidentMetrics } from './incident.metrics.js';
import { mergeIncidents, type Incident } from './incident.js';
import type { IncidentStore } from './incident-store.js';
import { closed, reopened, requireUnmerged, triaged } from './life-cycle.js';

export interface IncidentServiceParts {
  readonly database: Database;
  readonly store: IncidentStore;
  readonly facts: FactSink;
  readonly audit: AuditSink;
  readonly metrics: Metrics<typeof incidentMetrics>;
  readonly written: WakeUp;
}

interface Change {
  readonly incident: Incident;
  readonly facts: readonly NewFact[];
  /** Absorbed by `incident`, already marked. */
  readonly absorbed?: Incident;
  /** What the audit entry says beside who and which. */
  readonly detail: JsonObject;
}

/** What people do to incidents. Each act is one transaction: the change, its fact and its audit entry. */
export class IncidentService {
  constructor(private readonly parts: IncidentServiceParts) {}

  triage(id: string, actor: string, note: string): Promise<Incident> {
    return this.#act(id, actor, 'incident.triaged', (_tx, before, now) => {
      const incident = triaged(before, now);
      return { incident, facts: [incidentFact('incident.triaged', incident, { by: actor, note })], detail: { note } };
    });
  }

  async close(id: string, actor: string, verdict: Verdict, reason: string): Promise<Incident> {
    const done = await this.#act(id, actor, 'incident.closed', (_tx, before, now) => {
      const incident = closed(before, verdict, now);
      return { incident, facts: [incidentFact('incident.closed', incident, { by: actor, verdict, reason })], detail: { verdict, reason } };
    });
    this.parts.metrics.cordon_incident_closed_total.inc({ verdict });
    return done;
  }

  async reopen(id: string, actor: string, reason: string): Promise<Incident> {
    const done = await this.#act(id, actor, 'incident.reopened', (_tx, before, now) => {
      const incident = reopened(before, now);
      return { incident, facts: [incidentFact('incident.reopened', incident, { by: actor, signalIds: [], reason })], detail: { reason, episode: incident.episode } };
    });
    this.parts.metrics.cordon_incident_reopened_total.inc();
    return done;
  }

  /** @param assignee who works on it; null for nobody */
  assign(id: string, actor: string, assignee: string | null): Promise<Incident> {
    return this.#act(id, actor, 'incident.assigned', (_tx, before, now) => {
      requireUnmerged(before);
      const incident = { ...before, assignee, updatedAt: now };
      return { incident, facts: [incidentFact('incident.assigned', incident, { by: actor, assignee })], detail: { assignee } };
    });
  }

  comment(id: string, actor: string, text: string): Promise<Incident> {
    return this.#act(id, actor, 'incident.commented', (_tx, before, now) => {
      requireUnmerged(before);
      const incident = { ...before, updatedAt: now };
      return { incident, facts: [incidentFact('incident.commented', incident, { by: actor, text })], detail: { text } };
    });
  }

  /** Puts the incident `from` into the incident `id`. */
  async merge(id: string, from: string, actor: string, reason: string): Promise<Incident> {
    const done = await this.#act(id, actor, 'incident.merged', async (tx, target, now) => {
      const other = await this.#require(tx, from);
      for (const incident of [target, other]) {
        requireUnmerged(incident);
        if (incident.status === 'closed') throw incidentErrors.create('incident.merge_refused', { detail: `${incident.id} is closed` });
      }
      if (other.id === target.id) throw incidentErrors.create('incident.merge_refused', { field: 'from', detail: 'from: names the incident itself' });
      const { target: incident, absorbed } = mergeIncidents(target, other, now);
      const fact = incidentFact('incident.merged', absorbed, { by: actor, into: incident.id, intoEpisode: incident.episode, reason });
      return { incident, absorbed, facts: [fact], detail: { from: other.id, reason } };
    });
    this.parts.metrics.cordon_incident_merged_total.inc();
    return done;
  }

  async #act(id: string, actor: string, action: string, change: (tx: DatabaseTx, before: Incident, now: Date) => Change | Promise<Change>): Promise<Incident> {
    const { database, store, facts: sink, audit, written } = this.parts;
    const done = await database.transaction(async (tx) => {
      await store.lock(tx);
      const before = await this.#require(tx, id);
      const { incident, absorbed, facts, detail } = await change(tx, before, tx.now);
      await store.save(tx, absorbed ? [incident, absorbed] : [incident]);
      if (absorbed) await store.moveInto(tx, absorbed, incident);
      await sink.append(tx, facts);
      await audit.record(tx, [{ action, actor, target: `incident:${incident.id}`, detail }]);
      return incident;
    });
    written.notify();
    return done;
  }

  async #require(tx: DatabaseTx, id: string): Promise<Incident> {
    const incident = await this.parts.store.find(tx, id);
    if (!incident) throw incidentErrors.create('incident.unknown', { detail: `no incident ${id.slice(0, 80)}` });
    return incident;
  }
}
