import type { AuditSink, BreachClock, FactSink, JsonObject, NewFact, Tx } from '../kernel/index.js';
import type { Database, Metrics, WakeUp } from '../platform/index.js';
import { clockOf, dutiesOf, type BreachCase, type Decision } from './breach-case.js';
import { breachErrors } from './breach.errors.js';
import type { breachMetrics } from './breach.metrics.js';
import type { CaseStore } from './case-store.js';
import type { DutyState } from './engine/assess.js';
import type { ClockEvent } from './engine/regime.js';
import { regimes } from './engine/regimes.js';
import { requireKnownFinding } from './known-finding.js';
import type { RegimeRegister, RegisteredRegime } from './regime-register.js';

export interface BreachServiceParts {
  readonly database: Database;
  readonly store: CaseStore;
  readonly register: RegimeRegister;
  readonly facts: FactSink;
  readonly audit: AuditSink;
  readonly metrics: Metrics<typeof breachMetrics>;
  readonly written: WakeUp;
  readonly zone: string;
}

export interface Opening {
  readonly incidentId: string;
  readonly episode: number;
  readonly by: string;
  /** When the entity may have become aware, where the playbook states it; else the time of the opening is assumed. */
  readonly aware: { readonly at: Date; readonly why: string } | undefined;
}

export interface Opened {
  readonly breachCase: BreachCase;
  readonly clocks: readonly BreachClock[];
  readonly already: boolean;
}

type CaseFactType = 'breach.event_recorded' | 'breach.finding_recorded' | 'breach.closed';

/** Breach cases: opened by playbooks, judged by people. Every record is a fact and an audit entry of its transaction. */
export class BreachService {
  constructor(private readonly parts: BreachServiceParts) {}

  /** Opens the case of an episode, in the transaction of the step that asks for it; an episode has one. */
  async open(tx: Tx, { incidentId, episode, by, aware }: Opening): Promise<Opened> {
    const { store, facts, audit, metrics } = this.parts;
    const id = await store.insert(tx, incidentId, episode, by);
    // Only a person records awareness. What a playbook states is assumed, and never later than now: it may come from an event.
    const stated = aware && aware.at <= tx.now ? aware : undefined;
    const start = stated ?? (id === undefined ? undefined : { at: tx.now, why: 'assumed at the opening of the case; triage time before it may count' });
    const caseId = id ?? (await store.ofEpisode(tx, incidentId, episode))?.id;
    if (caseId !== undefined && start) await store.addEvent(tx, caseId, { kind: 'aware', ...start, basis: 'provisional', recordedBy: by });
    const breachCase = await store.ofEpisode(tx, incidentId, episode);
    if (!breachCase) throw new Error(`the case of incident ${incidentId} is gone`);
    const clocks = await this.#clocks(tx, breachCase);
    if (id === undefined) return { breachCase, clocks, already: true };
    await facts.append(tx, [{ type: 'breach.opened', subject: `breach:${id}`, body: { incidentId, episode, caseId: id, by, clocks } }]);
    await audit.record(tx, [{ action: 'breach.opened', actor: by, target: `breach:${id}`, detail: { incident: incidentId, episode } }]);
    metrics.cordon_breach_cases_opened_total.inc();
    return { breachCase, clocks, already: false };
  }

  /** Records when an event happened that regimes count from; it replaces what was assumed or recorded before. */
  recordEvent(id: string, kind: ClockEvent, at: Date, why: string, actor: string): Promise<BreachCase> {
    return this.#act(id, actor, 'breach.event_recorded', { kind, at: at.toISOString(), basis: 'recorded', why }, (tx) => {
      if (at > tx.now) throw breachErrors.create('breach.request_invalid', { field: 'at', detail: 'at: lies in the future' });
      return this.parts.store.addEvent(tx, id, { kind, at, basis: 'recorded', why, recordedBy: actor });
    });
  }

  /** Records what was found out, such as `eu_risk`; it replaces an earlier value. */
  async recordFinding(id: string, name: string, value: string, why: string, actor: string): Promise<BreachCase> {
    requireKnownFinding(regimes, name, value);
    return this.#act(id, actor, 'breach.finding_recorded', { name, value, why }, (tx) => this.parts.store.addFinding(tx, id, { name, value, why, recordedBy: actor }));
  }

  async close(id: string, decision: Decision, reason: string, actor: string): Promise<BreachCase> {
    const closed = await this.#act(id, actor, 'breach.closed', { decision, reason }, (tx) => this.parts.store.close(tx, id, decision, reason));
    this.parts.metrics.cordon_breach_cases_closed_total.inc({ decision });
    return closed;
  }

  decideRegime(id: string, enabled: boolean, reason: string, actor: string): Promise<RegisteredRegime> {
    return this.parts.database.transaction((tx) => this.parts.register.decide(tx, id, enabled, actor, reason));
  }

  /** @throws CordonError `breach.case_unknown` */
  async read(id: string): Promise<{ breachCase: BreachCase; duties: readonly DutyState[] }> {
    const { database, store, register, zone } = this.parts;
    const breachCase = await store.find(database, id);
    if (!breachCase) throw breachErrors.create('breach.case_unknown', { field: 'id' });
    return { breachCase, duties: dutiesOf(breachCase, await register.enabled(database), zone) };
  }

  async #act(id: string, actor: string, action: CaseFactType, detail: JsonObject, change: (tx: Tx) => Promise<void>): Promise<BreachCase> {
    const { database, store, facts, audit, written } = this.parts;
    const done = await database.transaction(async (tx) => {
      const before = await store.lock(tx, id);
      if (!before) throw breachErrors.create('breach.case_unknown', { field: 'id' });
      if (before.closed) throw breachErrors.create('breach.case_closed', { detail: `closed at ${before.closed.at.toISOString()} as ${before.closed.decision}` });
      await change(tx);
      const after = await store.find(tx, id);
      if (!after) throw new Error(`breach case ${id} is gone`);
      const about = { incidentId: after.incidentId, episode: after.episode, caseId: id, by: actor };
      const clocks = action === 'breach.closed' ? {} : { clocks: await this.#clocks(tx, after) };
      await facts.append(tx, [{ type: action, subject: `breach:${id}`, body: { ...about, ...detail, ...clocks } } as NewFact]);
      await audit.record(tx, [{ action, actor, target: `breach:${id}`, detail }]);
      return after;
    });
    written.notify();
    return done;
  }

  async #clocks(tx: Tx, breachCase: BreachCase): Promise<BreachClock[]> {
    const { register, zone } = this.parts;
    return dutiesOf(breachCase, await register.enabled(tx), zone).map(clockOf);
  }
}
