import { fairShare } from './fair-share.js';
import type { Group } from './group.js';

/** Share of the entries that is freed at once, so that the search for the largest groups is rare. */
const FREED = 1 / 16;

export interface GroupLimits {
  readonly groups: number;
  /** Entries of all groups together. */
  readonly entries: number;
}

/**
 * The groups of one rule, bounded. When it is full, the source that holds the most groups gives up its stalest one, so
 * that a source that invents keys displaces its own and not those of others. Where the groups hold too many entries,
 * the sources that hold the most give some up, out of their largest groups.
 */
export class GroupStore {
  private readonly groups = new Map<string, Group>();
  /** Per source, stalest first. */
  private readonly bySource = new Map<string, Map<string, Group>>();

  private entryCount = 0;

  constructor(private readonly limits: GroupLimits) {}

  get size(): number {
    return this.groups.size;
  }

  get(key: string): Group | undefined {
    return this.groups.get(key);
  }

  /** Makes the group the freshest of its source, adding it where it is new. */
  touch(group: Group): void {
    const { key, source } = group;
    this.groups.set(key, group);
    const own = this.bySource.get(source);
    if (own) {
      own.delete(key);
      own.set(key, group);
    } else {
      this.bySource.set(source, new Map([[key, group]]));
    }
    this.recount(group);
  }

  /** To be called when a group that is in the store gained or lost entries. */
  recount(group: Group): void {
    const { size } = group.window.timeline;
    this.entryCount += size - group.counted;
    group.counted = size;
  }

  delete(group: Group): void {
    if (!this.groups.delete(group.key)) return;
    this.entryCount -= group.counted;
    group.counted = 0;
    const own = this.bySource.get(group.source);
    own?.delete(group.key);
    if (own?.size === 0) this.bySource.delete(group.source);
  }

  /** Takes out one group where there are more than fit. */
  evict(): Group | undefined {
    if (this.groups.size <= this.limits.groups) return undefined;
    let largest: Map<string, Group> | undefined;
    for (const own of this.bySource.values()) if (largest === undefined || own.size > largest.size) largest = own;
    const stalest = largest?.values().next().value;
    if (stalest) this.delete(stalest);
    return stalest;
  }

  /** The groups that must give up entries, where there are more than fit, and how many each keeps. */
  overfull(): readonly { readonly group: Group; readonly keeps: number }[] {
    if (this.entryCount <= this.limits.entries) return [];
    const sources = Array.from(this.bySource.values(), (own) => {
      const groups = [...own.values()];
      return { groups, entries: groups.reduce((sum, { counted }) => sum + counted, 0) };
    });
    const perSource = fairShare(sources.map(({ entries }) => entries), Math.floor(this.limits.entries * (1 - FREED)));
    return sources.flatMap(({ groups, entries }) => {
      const keeps = fairShare(groups.map(({ counted }) => counted), perSource);
      const overfull: { group: Group; keeps: number }[] = [];
      let surplus = entries - perSource;
      for (const group of groups) {
        if (surplus <= 0) break;
        if (group.counted <= keeps) continue;
        overfull.push({ group, keeps });
        surplus -= group.counted - keeps;
      }
      return overfull;
    });
  }
}
