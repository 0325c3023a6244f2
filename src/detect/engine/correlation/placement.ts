import type { CorrelationSpec } from '../correlation-spec.js';
import type { ConditionPlan } from './condition-plan.js';
import type { Group } from './group.js';
import { FieldReader, type GroupKey } from './group-keys.js';
import type { Hit } from './hit.js';
import type { Entry } from './timeline.js';

/** Turns hits into entries of groups. In a folded window, hits of a bucket that count alike share an entry. */
export class Placement {
  private readonly fields: FieldReader;

  constructor(private readonly spec: CorrelationSpec, private readonly plan: ConditionPlan, private readonly granularityMs: number | undefined) {
    this.fields = new FieldReader(spec);
  }

  groups(hit: Hit, rule: number): readonly GroupKey[] {
    return this.fields.groups(hit, rule);
  }

  /** What a hit contributes; nothing where the counted field is missing or no number. */
  payload(hit: Hit, rule: number): readonly (string | number)[] {
    switch (this.plan.values) {
      case 'none': return [0];
      case 'rule': return [rule];
      case 'distinct': return this.fields.distinct(hit, rule);
      case 'number': return this.fields.numbers(hit, rule);
    }
  }

  /** Puts contributions into the group's window and gives the first index whose window changed. */
  put(group: Group, hit: Hit, rule: number, payload: readonly (string | number)[]): number {
    let changedFrom = Number.POSITIVE_INFINITY;
    for (const value of payload) changedFrom = Math.min(changedFrom, this.putOne(group, hit, rule, value));
    group.ids.add(hit.id);
    return changedFrom;
  }

  private putOne(group: Group, hit: Hit, rule: number, value: string | number): number {
    const { window } = group;
    const time = this.granularityMs === undefined ? hit.time : Math.floor(hit.time / this.granularityMs) * this.granularityMs;
    if (this.granularityMs !== undefined) {
      const folded = this.fold(group, hit, { time, rule, value });
      if (folded !== undefined) return folded;
    }
    const index = window.timeline.insert({
      time, position: hit.position, id: hit.id, rule, value, weight: 1, measure: 0, qualified: false, cites: hit.cites, before: undefined, after: undefined,
      bucket: this.granularityMs === undefined ? undefined : { first: hit.time, last: hit.time },
    });
    this.plan.measure.added(window, index);
    return index;
  }

  /** Adds a hit to the entry of its bucket that has the same rule and value, or for sums the same rule. */
  private fold(group: Group, hit: Hit, { time, rule, value }: Pick<Entry, 'time' | 'rule' | 'value'>): number | undefined {
    const { timeline } = group.window;
    const adds = this.spec.type === 'value_sum' || this.spec.type === 'value_avg';
    for (let index = timeline.from(time), to = timeline.after(time); index < to; index++) {
      const entry = timeline.at(index);
      if (entry.rule !== rule || (!adds && entry.value !== value)) continue;
      group.ids.delete(entry.id);
      entry.bucket = { first: Math.min(entry.bucket?.first ?? hit.time, hit.time), last: Math.max(entry.bucket?.last ?? hit.time, hit.time) };
      entry.position = hit.position;
      entry.id = hit.id;
      entry.weight++;
      if (adds) entry.value = Number(entry.value) + Number(value);
      entry.cites = hit.cites ?? entry.cites;
      this.plan.measure.grown(group.window, index, adds ? Number(value) : 1);
      return index;
    }
    return undefined;
  }
}
