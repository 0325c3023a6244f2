import { isJsonObject, type JsonValue, type Signal } from '../../../kernel/index.js';
import type { CorrelationSpec } from '../correlation-spec.js';
import type { EngineEvent } from './engine-event.js';
import { EventClock, type EventClockState } from './event-clock.js';
import type { GroupState } from './group.js';
import type { Firing, Hit } from './hit.js';
import { DEFAULT_CORRELATION_OPTIONS, type CorrelationOptions } from './options.js';
import { referredOnly } from './referred-only.js';
import { RuleWindows, type RuleStatistics } from './rule-windows.js';

/**
 * One row of the engine's state. The rows of a rule are its groups; the row with an empty `ruleId` is the clock. A row
 * without state is to be deleted. (`ruleId`, `key`) is unique.
 */
export interface StateChange {
  readonly ruleId: string;
  readonly ruleVersion: string;
  readonly key: string;
  readonly state: JsonValue | null;
}

export interface CorrelationStatistics {
  /** Matched events that came later than their source may, and so entered no window. */
  readonly tooLate: number;
  /** Events whose timestamp lay too far in the future and was replaced by their arrival. */
  readonly future: number;
  readonly rules: ReadonlyMap<string, RuleStatistics>;
}

interface Target {
  readonly windows: RuleWindows;
  /** Place of the rule in the correlation's list. */
  readonly index: number;
}

const CLOCK: Pick<StateChange, 'ruleId' | 'ruleVersion' | 'key'> = { ruleId: '', ruleVersion: '', key: 'clock' };

/**
 * Runs correlations over matched events in event time. Pure: what it gives out depends on the sequence of events
 * (with their arrival times) alone, not on how they are batched. Give it every event, matched or not: each moves the clock.
 *
 * Persistence: write `takeChanges()` together with the cursor of the event log, and give all rows to `restore` of a new
 * engine. A changed rule version starts that rule afresh.
 */
export class CorrelationEngine {
  private readonly options: CorrelationOptions;
  private readonly clock: EventClock;
  /** Referred correlations come before those that refer to them. */
  private readonly rules: readonly RuleWindows[];
  private readonly targets = new Map<string, Target[]>();
  private readonly silent: ReadonlySet<string>;
  private readonly staleRows = new Map<string, StateChange>();
  private fired: Signal[] = [];
  private nextDue = Number.POSITIVE_INFINITY;
  private tooLate = 0;
  private future = 0;

  constructor(specs: readonly CorrelationSpec[], options: Partial<CorrelationOptions> = {}) {
    this.options = { ...DEFAULT_CORRELATION_OPTIONS, ...options };
    this.clock = new EventClock(this.options);
    const byId = new Map<string, RuleWindows>();
    for (const spec of referredFirst(specs)) {
      const lag = Math.max(0, ...spec.rules.map((rule) => byId.get(rule)?.decisionDelayMs ?? 0));
      const windows = new RuleWindows(spec, this.options, lag, (firing) => this.dispatch(spec.id, firing));
      byId.set(spec.id, windows);
      for (const [index, rule] of spec.rules.entries()) {
        const targets = this.targets.get(rule) ?? [];
        targets.push({ windows, index });
        this.targets.set(rule, targets);
        const referred = byId.get(rule);
        if (referred && isTemporal(spec)) referred.givesAll = true;
      }
    }
    this.rules = [...byId.values()];
    this.silent = referredOnly(specs);
  }

  /** Takes an event and the ids of the rules it matched, and gives the signals that this brought about. */
  accept(event: EngineEvent, matchedRuleIds: Iterable<string>): Signal[] {
    this.clock.arrive(event.receivedAt);
    const time = this.believableTime(event);
    const late = time < this.clock.newestOf(event.source);
    const tooLate = time < this.clock.watermark;
    // nothing happens after it arrives: a sender whose clock runs fast must not make its other events late
    this.clock.observe(event.source, Math.min(time, event.receivedAt), event.receivedAt);
    this.advance();
    const targets = this.targetsOf(matchedRuleIds);
    if (targets.size > 0) {
      if (tooLate) this.tooLate++;
      else this.insert(this.toHit(event, time, late), targets);
    }
    return this.takeFired();
  }

  /** Lets arrival time pass without events, so that the windows of silent sources close. */
  advanceTo(receivedAt: number): Signal[] {
    this.clock.pass(receivedAt);
    this.advance();
    return this.takeFired();
  }

  /** Closes every open window; the engine takes no further events. For replays. */
  close(): Signal[] {
    this.clock.end();
    this.advance();
    return this.takeFired();
  }

  get statistics(): CorrelationStatistics {
    return { tooLate: this.tooLate, future: this.future, rules: new Map(this.rules.map(({ spec, statistics }) => [spec.id, statistics])) };
  }

  /** Rows that changed since the last call, rows to be deleted first. */
  takeChanges(): StateChange[] {
    const changes = this.rules.flatMap((windows) => windows.takeChanges().map(({ key, state }): StateChange => (
      { ruleId: windows.spec.id, ruleVersion: windows.spec.version, key, state: state as unknown as JsonValue }
    )));
    for (const { ruleId, key } of changes) this.staleRows.delete(rowKey(ruleId, key));
    const stale = [...this.staleRows.values()];
    this.staleRows.clear();
    return [...stale, ...changes.toSorted((a, b) => Number(a.state !== null) - Number(b.state !== null)), this.captureClock()];
  }

  /** Takes the state over from the rows of an earlier engine. Rows of rules that changed or are gone are deleted by the next `takeChanges`. */
  restore(rows: readonly StateChange[]): void {
    const byRule = rowsByRule(rows);
    const clock = byRule.get(CLOCK.ruleId)?.find(({ key }) => key === CLOCK.key);
    if (isJsonObject(clock?.state)) {
      const { tooLate, future, ...state } = clock.state as unknown as EventClockState & { readonly tooLate: number; readonly future: number };
      this.clock.restore(state);
      this.tooLate = tooLate;
      this.future = future;
    }
    for (const windows of this.rules) {
      const { id, version } = windows.spec;
      const own = (byRule.get(id) ?? []).filter((row) => row.ruleVersion === version && row.state !== null);
      windows.restore(own.map(({ key, state }) => ({ key, state: state as unknown as GroupState })), this.clock.watermark);
      this.nextDue = Math.min(this.nextDue, windows.nextDue);
    }
    const versions = new Map(this.rules.map(({ spec }) => [spec.id, spec.version]));
    for (const row of rows) {
      if (row.ruleId === CLOCK.ruleId || row.state === null || versions.get(row.ruleId) === row.ruleVersion) continue;
      this.staleRows.set(rowKey(row.ruleId, row.key), { ...row, state: null });
    }
  }

  /** A clock that runs ahead must not close everyone's windows: such an event counts as of its arrival. */
  private believableTime({ time, receivedAt }: EngineEvent): number {
    if (time <= receivedAt + this.options.clockSkewMs) return time;
    this.future++;
    return receivedAt;
  }

  private toHit({ id, position, source, document }: EngineEvent, time: number, late: boolean): Hit {
    return { id, position, source, time, late, values: (field) => this.options.fieldValues(document, field) };
  }

  private targetsOf(ruleIds: Iterable<string>): Map<RuleWindows, number[]> {
    const found = new Map<RuleWindows, number[]>();
    for (const id of ruleIds) {
      for (const { windows, index } of this.targets.get(id) ?? []) {
        const indexes = found.get(windows);
        if (indexes) indexes.push(index);
        else found.set(windows, [index]);
      }
    }
    return found;
  }

  private insert(hit: Hit, targets: ReadonlyMap<RuleWindows, number[]>): void {
    // in the engine's order, so that a chain sees what an event completed further down before the event itself
    const inOrder = targets.size === 1 ? targets.keys() : this.rules.filter((windows) => targets.has(windows));
    for (const windows of inOrder) {
      // nothing is due, or advance() had dealt with it: this only lets the rule forget up to now, as it would after a restart
      windows.advance(this.clock.watermark);
      windows.insert(hit, (targets.get(windows) ?? []).sort((a, b) => a - b));
      this.nextDue = Math.min(this.nextDue, windows.nextDue);
    }
  }

  /** Gives a signal out and hands it on as a hit. Temporal correlations see each window that qualifies, counts only what alerts. */
  private dispatch(ruleId: string, { signal, alerts, source }: Firing): void {
    if (alerts && !this.silent.has(ruleId)) this.fired.push(signal);
    for (const { windows, index } of this.targets.get(ruleId) ?? []) {
      if (!alerts && !isTemporal(windows.spec)) continue;
      const { id, position, late, group, eventIds, eventCount } = signal;
      const values = (field: string): readonly string[] => (Object.hasOwn(group, field) ? [group[field] ?? ''] : []);
      windows.insert({ id, position, source, time: signal.last.getTime(), late, cites: { ids: eventIds, count: eventCount }, values }, [index]);
      this.nextDue = Math.min(this.nextDue, windows.nextDue);
    }
  }

  private advance(): void {
    const { watermark } = this.clock;
    if (watermark <= this.nextDue) return;
    for (const windows of this.rules) windows.advance(watermark);
    this.nextDue = Math.min(Number.POSITIVE_INFINITY, ...this.rules.map((windows) => windows.nextDue));
  }

  private takeFired(): Signal[] {
    const { fired } = this;
    if (fired.length > 0) this.fired = [];
    return fired;
  }

  private captureClock(): StateChange {
    return { ...CLOCK, state: { ...this.clock.capture(), tooLate: this.tooLate, future: this.future } as unknown as JsonValue };
  }
}

const rowKey = (ruleId: string, key: string): string => JSON.stringify([ruleId, key]);

function rowsByRule(rows: readonly StateChange[]): ReadonlyMap<string, StateChange[]> {
  const byRule = new Map<string, StateChange[]>();
  for (const row of rows) {
    const own = byRule.get(row.ruleId);
    if (own) own.push(row);
    else byRule.set(row.ruleId, [row]);
  }
  return byRule;
}

const isTemporal = ({ type }: CorrelationSpec): boolean => type === 'temporal' || type === 'temporal_ordered';

/** Correlations in an order in which each comes behind those it refers to. The loader has refused cycles. */
function referredFirst(specs: readonly CorrelationSpec[]): CorrelationSpec[] {
  const byId = new Map(specs.map((spec) => [spec.id, spec]));
  const ordered = new Set<CorrelationSpec>();
  const visit = (spec: CorrelationSpec, above: readonly CorrelationSpec[]): void => {
    if (ordered.has(spec)) return;
    if (above.includes(spec)) throw new TypeError(`correlation ${spec.id} refers to itself`);
    for (const rule of spec.rules) {
      const referred = byId.get(rule);
      if (referred) visit(referred, [...above, spec]);
    }
    ordered.add(spec);
  };
  for (const spec of specs) visit(spec, []);
  return [...ordered];
}
