import type { Group } from './group.js';

/**
 * The groups of one rule, bounded. When it is full, the source that holds the most groups gives up its stalest one, so
 * that a source that invents keys displaces its own and not those of others.
 */
export class GroupStore {
  private readonly groups = new Map<string, Group>();
  /** Per source, stalest first. */
  private readonly bySource = new Map<string, Map<string, Group>>();

  constructor(private readonly capacity: number) {}

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
  }

  delete(group: Group): void {
    this.groups.delete(group.key);
    const own = this.bySource.get(group.source);
    own?.delete(group.key);
    if (own?.size === 0) this.bySource.delete(group.source);
  }

  /** Takes out one group where there are more than fit. */
  evict(): Group | undefined {
    if (this.groups.size <= this.capacity) return undefined;
    let largest: Map<string, Group> | undefined;
    for (const own of this.bySource.values()) if (largest === undefined || own.size > largest.size) largest = own;
    const stalest = largest?.values().next().value;
    if (stalest) this.delete(stalest);
    return stalest;
  }

  values(): IterableIterator<Group> {
    return this.groups.values();
  }
}
