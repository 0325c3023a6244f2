import { derivedId, type JsonObject, type Signal } from '../kernel/index.js';
import {
  CorrelationEngine, referredOnly, RuleMatcher,
  type CorrelationOptions, type CorrelationSpec, type CorrelationStatistics, type Logsource, type RuleMatch, type SigmaRule, type StateChange,
} from './engine/index.js';

/** A normalised event on its way through the rules. */
export interface DetectorEvent {
  /** Id of its record in the log. */
  readonly id: string;
  readonly position: number;
  readonly source: string;
  readonly receivedAt: Date;
  readonly time: Date;
  readonly document: JsonObject;
  readonly logsources: readonly Logsource[];
}

export interface DetectorRules {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly CorrelationSpec[];
}

/**
 * Rules and correlations over one sequence of events. What comes out depends on that sequence alone, so that a repeat
 * after a crash gives the same signals with the same ids.
 */
export class Detector {
  readonly #matcher: RuleMatcher;
  readonly #correlations: CorrelationEngine;
  /** Rules that only serve correlations and do not alert by themselves. */
  readonly #silent: ReadonlySet<string>;

  constructor({ rules, correlations }: DetectorRules, options: Partial<CorrelationOptions> = {}) {
    this.#matcher = new RuleMatcher(rules);
    this.#correlations = new CorrelationEngine(correlations, options);
    this.#silent = referredOnly(correlations);
  }

  accept(event: DetectorEvent): Signal[] {
    const matches = this.#matcher.match(event.document, event.logsources);
    const correlated = this.#correlations.accept(
      { id: event.id, position: event.position, source: event.source, time: event.time.getTime(), receivedAt: event.receivedAt.getTime(), document: event.document },
      matches.map(({ rule }) => rule.id),
    );
    const alerting = matches.filter(({ rule }) => !this.#silent.has(rule.id)).map((match) => ruleSignal(match, event));
    return [...alerting, ...correlated.filter(({ ruleId }) => !this.#silent.has(ruleId))];
  }

  /** Lets time pass without an event. */
  advanceTo(now: Date): Signal[] {
    return this.#correlations.advanceTo(now.getTime()).filter(({ ruleId }) => !this.#silent.has(ruleId));
  }

  get hasOpenWindows(): boolean {
    return [...this.statistics.rules.values()].some(({ groups }) => groups > 0);
  }

  /** Rows of window state that changed since the last call. */
  takeChanges(): StateChange[] {
    return this.#correlations.takeChanges();
  }

  restore(rows: readonly StateChange[]): void {
    this.#correlations.restore(rows);
  }

  get statistics(): CorrelationStatistics {
    return this.#correlations.statistics;
  }
}

function ruleSignal({ rule, terms }: RuleMatch, { id, position, time }: DetectorEvent): Signal {
  return {
    id: derivedId(rule.id, '', position),
    ruleId: rule.id,
    ruleTitle: rule.title,
    ruleVersion: rule.version,
    ruleKind: 'rule',
    level: rule.level,
    tags: rule.tags,
    group: {},
    first: time,
    last: time,
    terms,
    eventIds: [id],
    eventCount: 1,
    late: false,
    position,
  };
}
