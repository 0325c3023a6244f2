import { isEnd, withAncestors, type StateNode } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';

/** Actions that a playbook which has them must come by, once something was taken away from someone. */
const OBLIGATIONS = ['breach.open'];
/** Outcomes that claim the matter is dealt with. A failed, cancelled or released run is for people to go on with. */
const CLAIMS = ['contained', 'refused'];

/** Flags of a way up to a leaf: bit 0, a destructive action has completed; bit 1, the obligation was come by. */
const DONE = 1;
const MET = 2;

/**
 * Looks for ways on which a destructive action completes and the run then ends, contained or refused, without the
 * obligation. Guards count as true and as false, so one way is enough.
 */
export function checkObligations(check: PlaybookCheck): void {
  for (const obligation of OBLIGATIONS) {
    const [invoke] = check.invokes.filter(({ source }) => source.src === obligation);
    if (!invoke) continue;
    const flags = new Flags(check, obligation);
    for (const end of check.model.states.filter((state) => isEnd(state) && CLAIMS.includes(state.source.outcome ?? 'contained'))) {
      const way = flags.missing(end);
      if (way) check.findings.add('playbook.skipped_obligation', end.path, `'${end.id}' can be reached after ${way} without ${obligation}`, 'key');
    }
  }
}

class Flags {
  /** Combinations of flags with which a leaf can be reached, and for each the destructive action that set the first. */
  private readonly reached = new Map<StateNode, Map<number, string>>();

  constructor(
    private readonly check: PlaybookCheck,
    private readonly obligation: string,
  ) {
    const { flow, model } = check;
    let open = flow.leavesOf(model.root).flatMap((leaf) => this.enter(leaf, 0, ''));
    while (open.length > 0) open = open.flatMap((leaf) => this.leave(leaf));
  }

  /** The action after which an end can be reached with the obligation unmet, undefined where it cannot. */
  missing(end: StateNode): string | undefined {
    return this.reached.get(end)?.get(DONE);
  }

  private enter(leaf: StateNode, flags: number, by: string): StateNode[] {
    const meets = withAncestors(leaf).some(({ source }) => source.invoke?.src === this.obligation);
    const now = meets ? flags | MET : flags;
    const known = this.reached.get(leaf) ?? new Map<number, string>();
    if (known.has(now)) return [];
    this.reached.set(leaf, known.set(now, by));
    // What one region has done counts where the others go on together, so they are looked at again.
    return [leaf, ...this.check.flow.regionsBeside(leaf).flatMap((region) => this.check.flow.leavesWithin(region))];
  }

  private leave(leaf: StateNode): StateNode[] {
    const { flow } = this.check;
    const own = [...(this.reached.get(leaf) ?? [])];
    return flow.waysOf(leaf).flatMap((way) => {
      const completed = way.cause === 'invoke.onDone' ? this.destructive(way.of) : undefined;
      const starts = way.cause === 'onDone' && way.of.kind === 'parallel' ? this.joined(own, leaf, way.of) : this.beside(own, leaf, way.to);
      // What was taken away has been given back.
      const undone = way.cause === 'invoke.onDone' && way.of.source.invoke?.src === 'core.undo';
      return starts.flatMap(([flags, by]) => (undone ? this.enter(way.to, flags & ~DONE, '') : this.enter(way.to, completed ? flags | DONE : flags, completed ?? by)));
    });
  }

  private destructive({ source }: StateNode): string | undefined {
    return source.invoke && this.check.action(source.invoke.src)?.destructive ? `'${source.invoke.id}'` : undefined;
  }

  /** Leaving a parallel state from one region: another one may have completed something, and need not have met anything. */
  private beside(own: readonly (readonly [number, string])[], leaf: StateNode, to: StateNode): readonly (readonly [number, string])[] {
    const left = this.check.flow.regionsBeside(leaf).filter((region) => !withAncestors(to).includes(region.parent ?? region));
    const others = left.flatMap((region) => this.flagsWithin(region)).filter(([flags]) => flags & DONE);
    const [first] = others;
    return first ? [...own, ...own.map(([flags, by]) => [flags | DONE, by || first[1]] as const)] : own;
  }

  /** All regions are done: whatever each of them has done and met counts together. */
  private joined(own: readonly (readonly [number, string])[], leaf: StateNode, parallel: StateNode): readonly (readonly [number, string])[] {
    const regions = parallel.children.filter((region) => !withAncestors(leaf).includes(region));
    return regions.reduce((combined, region) => {
      const finals = region.children.filter(({ kind }) => kind === 'final').flatMap((final) => [...(this.reached.get(final) ?? [])]);
      return combined.flatMap(([flags, by]) => finals.map(([more, other]) => [flags | more, by || other] as const));
    }, own);
  }

  private flagsWithin(region: StateNode): readonly (readonly [number, string])[] {
    return this.check.flow.leavesWithin(region).flatMap((leaf) => [...(this.reached.get(leaf) ?? [])]);
  }
}

