import type { GroupWindow } from '../group-window.js';
import type { Entry } from '../timeline.js';
import { Measure } from './measure.js';

interface Chain {
  readonly entry: Entry;
  readonly previous?: Chain;
}

/**
 * The longest chain of hits in the order of the correlation's rules. Equal times count as in order, since many sources
 * have whole seconds only; two neighbouring steps need different events.
 */
export class OrderedMeasure extends Measure {
  constructor(spanMs: number, private readonly ruleCount: number) {
    super(spanMs);
  }

  override added(window: GroupWindow, index: number): void {
    const entry = window.timeline.at(index);
    window.lane(entry.rule).insert(entry);
  }

  override dropped(window: GroupWindow, entry: Entry): void {
    window.lane(entry.rule).dropFirst();
  }

  override between(window: GroupWindow, start: number, end: number): number {
    return this.chains(window, start, end).length;
  }

  override witness(window: GroupWindow, start: number, end: number): readonly Entry[] {
    const entries: Entry[] = [];
    for (let chain = this.chains(window, start, end).at(-1); chain; chain = chain.previous) entries.unshift(chain.entry);
    return entries;
  }

  /** For each length the chain that ends first; rules are taken in order, so a chain never goes back. */
  private chains(window: GroupWindow, start: number, end: number): Chain[] {
    const shortest: Chain[] = [];
    for (let rule = 0; rule < this.ruleCount; rule++) {
      for (let length = shortest.length; length >= 0; length--) {
        const previous = shortest[length - 1];
        if (length > 0 && previous === undefined) continue;
        const entry = nextHit(window, rule, previous?.entry, start, end);
        const known = shortest[length];
        if (entry !== undefined && (known === undefined || entry.time < known.entry.time)) shortest[length] = { entry, ...(previous && { previous }) };
      }
    }
    return shortest;
  }
}

function nextHit(window: GroupWindow, rule: number, previous: Entry | undefined, start: number, end: number): Entry | undefined {
  const lane = window.lane(rule);
  for (let index = lane.from(previous?.time ?? start); index < lane.size; index++) {
    const entry = lane.at(index);
    if (entry.time > end) return undefined;
    if (entry.position !== previous?.position) return entry;
  }
  return undefined;
}
