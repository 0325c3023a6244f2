import { derivedId, type FactSink, type NewFact, type Tx } from '../kernel/index.js';
import { differentPeople, gapBetween, Grouping, spanOf, type Group } from './grouping.js';
import { incidentFact } from './incident-fact.js';
import { extendIncident, mergeIncidents, openIncident, survivorOf, type Incident, type IncidentSignal } from './incident.js';
import type { IncidentStore } from './incident-store.js';
import { reopened } from './life-cycle.js';

export interface GroupingOptions {
  /** Signals of one subject belong together when their event times lie at most this far apart, milliseconds. */
  readonly windowMs: number;
  /** As long after the last event of a closed incident a signal of its subject re-opens it, milliseconds. */
  readonly reopenWithinMs: number;
}

/** What a batch of signals did to one incident. */
export interface Outcome {
  readonly kind: 'opened' | 'updated' | 'reopened';
  readonly incident: Incident;
  readonly signals: readonly IncidentSignal[];
  /** Ids of incidents that went into this one. */
  readonly absorbed: readonly string[];
}

const SYSTEM = 'system:incident';

/** Puts signals into incidents: opens, extends, merges and re-opens them, and states each change as a fact. */
export class IncidentGrouper {
  constructor(
    private readonly store: IncidentStore,
    private readonly facts: FactSink,
    private readonly options: GroupingOptions,
  ) {}

  /** The caller holds the lock of the store and gives only signals that no incident has yet. */
  async accept(tx: Tx, signals: readonly IncidentSignal[]): Promise<Outcome[]> {
    const grouping = new Grouping(this.options.windowMs);
    for (const signal of signals) grouping.addSignal(signal);
    await this.#addOpen(tx, grouping);
    await this.#addClosed(tx, grouping);
    const changes = grouping.groups().filter((group) => group.signals.length > 0).map((group) => changeOf(group, tx.now));
    await this.#write(tx, changes);
    return changes.map(({ outcome }) => outcome);
  }

  /** Adds the open incidents that the groups may join, and those that come near once they did. */
  async #addOpen(tx: Tx, grouping: Grouping): Promise<void> {
    for (;;) {
      const groups = grouping.groups();
      const except = groups.flatMap(({ incidents }) => incidents.map(({ id }) => id));
      const near = await this.store.ofSubjects(tx, { keys: grouping.keys(), open: true, except, ...around(groups, this.options.windowMs) });
      if (near.length === 0) return;
      for (const incident of near) grouping.addIncident(incident);
    }
  }

  /** Re-opens, for a group without an open incident, the one of its subject that was closed last. */
  async #addClosed(tx: Tx, grouping: Grouping): Promise<void> {
    const alone = grouping.groups().filter(({ incidents }) => incidents.length === 0);
    if (alone.length === 0) return;
    const { reopenWithinMs } = this.options;
    const keys = new Set(alone.flatMap((group) => [...group.keys]));
    const closed = new Set(await this.store.ofSubjects(tx, { keys, open: false, except: [], ...around(alone, reopenWithinMs) }));
    for (const group of alone) {
      if (closed.size === 0) return;
      if (!grouping.has(group)) continue;
      const [last] = [...closed].filter((incident) => reopens(group, incident, reopenWithinMs)).sort((a, b) => closingOf(b) - closingOf(a) || (a.id < b.id ? -1 : 1));
      if (!last) continue;
      closed.delete(last);
      grouping.addTo(group, last);
      await this.#addOpen(tx, grouping);
    }
  }

  async #write(tx: Tx, changes: readonly Change[]): Promise<void> {
    await this.store.save(tx, changes.flatMap(({ outcome, absorbed }) => [outcome.incident, ...absorbed]));
    await this.store.addSignals(tx, changes.map(({ outcome }) => outcome));
    for (const { outcome, absorbed } of changes) {
      for (const other of absorbed) await this.store.moveInto(tx, other, outcome.incident);
    }
    await this.facts.append(tx, changes.flatMap(({ facts }) => facts));
  }
}

interface Change {
  readonly outcome: Outcome;
  readonly absorbed: readonly Incident[];
  readonly facts: readonly NewFact[];
}

/** What becomes of a group that has new signals, and the facts that say so. */
function changeOf(group: Group, now: Date): Change {
  const { signals } = group;
  const signalIds = signals.map(({ id }) => id);
  const incidents = group.incidents.map((incident) => (incident.status === 'closed' ? reopened(incident, now) : incident));
  const chosen = survivorOf(incidents);
  const wasClosed = group.incidents.some(({ id, status }) => id === chosen?.id && status === 'closed');
  const facts: NewFact[] = [];
  const absorbed: Incident[] = [];
  let incident = chosen ?? openIncident(derivedId('incident', signalIds[0] ?? ''), signals, now);
  for (const other of incidents.filter(({ id }) => id !== incident.id)) {
    const merged = mergeIncidents(incident, other, now);
    incident = merged.target;
    absorbed.push(merged.absorbed);
    facts.push(incidentFact('incident.merged', merged.absorbed, { by: SYSTEM, into: incident.id, intoEpisode: incident.episode, reason: 'a signal shows that both are about the same subject' }));
  }
  if (chosen) incident = extendIncident(incident, signals, now);
  if (!chosen) facts.push(incidentFact('incident.opened', incident, { signalIds }));
  else if (wasClosed) facts.push(incidentFact('incident.reopened', incident, { by: SYSTEM, signalIds, reason: 'a new signal of its subject' }));
  else facts.push(incidentFact('incident.updated', incident, { signalIds }));
  return { outcome: { kind: !chosen ? 'opened' : wasClosed ? 'reopened' : 'updated', incident, signals, absorbed: absorbed.map(({ id }) => id) }, absorbed, facts };
}

function around(groups: readonly Group[], marginMs: number): { from: Date; to: Date } {
  const first = groups.reduce((least, group) => Math.min(least, group.first), Infinity);
  const last = groups.reduce((greatest, group) => Math.max(greatest, group.last), -Infinity);
  return { from: new Date(first - marginMs), to: new Date(last + marginMs) };
}

function reopens(group: Group, incident: Incident, withinMs: number): boolean {
  const span = spanOf(incident);
  return [...span.keys].some((key) => group.keys.has(key)) && gapBetween(group, span) <= withinMs && !differentPeople(group, span);
}

const closingOf = ({ closedAt }: Incident): number => closedAt?.getTime() ?? 0;
