import type { Signal } from '../../../../kernel/index.js';
import type { CorrelationSpec, RuleExpression, ThresholdCondition } from '../../correlation-spec.js';
import type { CorrelationEngine, StateChange } from '../correlation-engine.js';
import type { EngineEvent } from '../engine-event.js';
import type { TimedMatch } from './oracle.js';

/** A correlation over the rules `a`, `b` and `c` by user, with a window of 100 ms. */
export function correlation(changes: Partial<CorrelationSpec> = {}): CorrelationSpec {
  return {
    kind: 'correlation', id: 'burst', title: 'Burst', level: 'high', tags: [], version: '1', type: 'event_count', rules: ['a'], groupBy: ['user'],
    aliases: {}, timespanMs: 100, condition: threshold({ gte: 3 }), generate: false, ...changes,
  };
}

export function threshold(bounds: Partial<Record<ThresholdCondition['bounds'][number]['operator'], number>>, more: Partial<ThresholdCondition> = {}): ThresholdCondition {
  return {
    kind: 'threshold', fields: [],
    bounds: Object.entries(bounds).map(([operator, value]) => ({ operator: operator as ThresholdCondition['bounds'][number]['operator'], value })),
    ...more,
  };
}

export const ruleHit = (rule: string): RuleExpression => ({ kind: 'rule', rule });
export const notRule = (rule: string): RuleExpression => ({ kind: 'not', operand: ruleHit(rule) });

export function match(time: number, changes: Partial<TimedMatch> = {}): TimedMatch {
  return { id: `${time}`, time, user: 'ann', value: 1, rules: ['a'], ...changes };
}

export function engineEvent({ id, time, user, value }: TimedMatch, position: number, changes: Partial<EngineEvent> = {}): EngineEvent {
  return { id, position, source: 'idp', time, receivedAt: 10_000, document: { user, value }, ...changes };
}

/** Gives the events to the engine in this order, then closes every window. */
export function run(engine: CorrelationEngine, events: readonly TimedMatch[], changes: Partial<EngineEvent> = {}): Signal[] {
  const fired = events.flatMap((event, index) => engine.accept(engineEvent(event, index + 1, changes), event.rules));
  return [...fired, ...engine.close()];
}

/** `<user>@<event time of the window's end>` of each signal. */
export const windowsOf = (signals: readonly Signal[]): string[] => signals.map(({ group, last }) => `${group['user']}@${last.getTime()}`);

/** Stores what changed as JSON, as a database does, and continues on a new engine. */
export function restarted(engine: CorrelationEngine, stored: Map<string, string>, create: () => CorrelationEngine): CorrelationEngine {
  for (const change of engine.takeChanges()) {
    const key = `${change.ruleId}/${change.key}`;
    if (change.state === null) stored.delete(key);
    else stored.set(key, JSON.stringify(change));
  }
  const next = create();
  next.restore([...stored.values()].map((row) => JSON.parse(row) as StateChange));
  return next;
}
