import type { Directory, Fact, FactBodies, FactReader, FactSink } from '../kernel/index.js';
import { crashPoint, type Batch, type BatchHandler, type DatabaseTx, type LogWriter, type Metrics, type WakeUp } from '../platform/index.js';
import { readFiredSignal } from './fired-signal.js';
import { incidentFact } from './incident-fact.js';
import type { IncidentGrouper, Outcome } from './incident-grouper.js';
import type { incidentLogEvents } from './incident.log-events.js';
import type { incidentMetrics } from './incident.metrics.js';
import { subjectOf, type Incident, type IncidentSignal } from './incident.js';
import type { IncidentStore } from './incident-store.js';
import { contained, isAllowed } from './life-cycle.js';
import { SubjectFinder } from './subject-finder.js';

export interface IncidentHandlerParts {
  readonly facts: FactReader & FactSink;
  readonly directory: Directory;
  readonly store: IncidentStore;
  readonly grouper: IncidentGrouper;
  readonly metrics: Metrics<typeof incidentMetrics>;
  readonly log: LogWriter<typeof incidentLogEvents>;
  /** Told after a commit that wrote facts. */
  readonly written: WakeUp;
}

type Containment = FactBodies['containment.verified'];

/** Facts to incidents. Nothing is kept in memory: what a batch rests on is read in its transaction, under the lock. */
export class IncidentHandler implements BatchHandler<Fact> {
  constructor(private readonly parts: IncidentHandlerParts) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly Fact[]; cursor: number }> {
    const { facts, cursor: to } = await this.parts.facts.read(cursor, limit);
    return { rows: facts, cursor: to };
  }

  reset(): Promise<void> {
    return Promise.resolve();
  }

  async handle(tx: DatabaseTx, { rows }: Batch<Fact>): Promise<(() => void) | undefined> {
    const fired = rows.filter(({ type }) => type === 'signal.fired').map(readFiredSignal);
    const verified = rows.filter(({ type }) => type === 'containment.verified').map(({ body }) => body as Containment);
    if (fired.length === 0 && verified.length === 0) return undefined;
    const { store, grouper, directory } = this.parts;
    await store.lock(tx);
    const known = await store.knownSignals(tx, fired.map(({ signalId }) => signalId));
    const finder = new SubjectFinder(directory, tx);
    const signals: IncidentSignal[] = [];
    for (const signal of fired) {
      if (!known.has(signal.signalId)) signals.push(await finder.describe(signal));
    }
    const outcomes = signals.length > 0 ? await grouper.accept(tx, signals) : [];
    crashPoint('incident.after_grouping');
    const containments: Incident[] = [];
    for (const fact of verified) {
      const incident = await this.#contain(tx, fact);
      if (incident) containments.push(incident);
    }
    return () => this.#report(outcomes, containments);
  }

  /** A fact on which grouping itself fails is left out; the signal it tells of stays readable. */
  async reject(_tx: DatabaseTx, { id, type, subject }: Fact, error: unknown): Promise<void> {
    this.parts.log('incident.fact_rejected', { fact: id, type, subject, error });
  }

  /** A containment counts for the episode it was asked in; where its incident was merged, for the one that stayed. */
  async #contain(tx: DatabaseTx, { incidentId, episode, residualAccessUntil, by }: Containment): Promise<Incident | undefined> {
    const { store, facts, log } = this.parts;
    const named = await store.find(tx, incidentId);
    const incident = named?.mergedInto ? await store.find(tx, named.mergedInto) : named;
    if (incident?.status === 'contained') return undefined;
    if (!incident || !isAllowed(incident.status, 'contain') || (incident.id === incidentId && incident.episode !== episode)) {
      log('incident.containment_ignored', { incident: incidentId, episode });
      return undefined;
    }
    const done = contained(incident, tx.now);
    await store.save(tx, [done]);
    await facts.append(tx, [incidentFact('incident.contained', done, { by, residualAccessUntil })]);
    return done;
  }

  #report(outcomes: readonly Outcome[], containments: readonly Incident[]): void {
    const { metrics, log, written } = this.parts;
    for (const { kind, incident, signals, absorbed } of outcomes) {
      // subjects are people and tokens: they stay out of the log
      const about = { incident: incident.id, episode: incident.episode, level: incident.level, risk: incident.risk };
      for (const signal of signals) metrics.cordon_incident_signals_total.inc({ subject: subjectOf(signal).type });
      if (kind === 'opened') {
        metrics.cordon_incident_opened_total.inc({ level: incident.level });
        log('incident.opened', about);
      }
      if (kind === 'reopened') {
        metrics.cordon_incident_reopened_total.inc();
        log('incident.reopened', about);
      }
      for (const other of absorbed) {
        metrics.cordon_incident_merged_total.inc();
        log('incident.merged', { ...about, absorbed: other });
      }
    }
    for (const { id, episode } of containments) {
      metrics.cordon_incident_contained_total.inc();
      log('incident.contained', { incident: id, episode });
    }
    if (outcomes.length > 0 || containments.length > 0) written.notify();
  }
}
