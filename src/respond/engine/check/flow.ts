import { ancestorsOf, possible, resolveTarget, usableLists, withAncestors, type Cause, type MachineModel, type StateNode } from './machine-model.js';

/** A way from one leaf to another, on some event. */
export interface Way {
  readonly cause: Cause;
  /** The state whose transition it is. */
  readonly of: StateNode;
  readonly to: StateNode;
}

/**
 * The machine as leaves (states without states inside) and ways between them, guards counting as true and as false. What
 * parallel regions do to each other is widened: it finds more ways than there are, never fewer.
 */
export class Flow {
  private readonly wayCache = new Map<StateNode, readonly Way[]>();
  /** States that can be entered, whole ancestry included. */
  readonly entered: ReadonlySet<StateNode>;

  constructor(private readonly model: MachineModel) {
    this.entered = this.reach();
  }

  /** The leaves in which entering a state ends up. */
  leavesOf(state: StateNode, seen: ReadonlySet<StateNode> = new Set()): readonly StateNode[] {
    if (seen.has(state)) return [];
    const further = new Set([...seen, state]);
    switch (state.kind) {
      case 'parallel':
        return state.children.flatMap((child) => this.leavesOf(child, further));
      case 'compound': {
        const initial = state.children.find(({ name }) => name === state.source.initial);
        return initial ? this.leavesOf(initial, further) : [];
      }
      case 'history':
        return this.historyLeaves(state, further);
      default:
        return [state];
    }
  }

  /** Ways out of a leaf: its own and those of the states around it. */
  waysOf(leaf: StateNode): readonly Way[] {
    const known = this.wayCache.get(leaf);
    if (known) return known;
    const ways = withAncestors(leaf).flatMap((of) =>
      usableLists(of)
        .filter((list) => list.cause !== 'onDone' || this.completes(leaf, of))
        .flatMap((list) => possible(list).flatMap(({ target }) => (target ? this.landing(target).map((to) => ({ cause: list.cause, of, to })) : []))),
    );
    this.wayCache.set(leaf, ways);
    return ways;
  }

  /** Whether reaching the leaf can complete the state: by a final child, in a parallel state by the last region to be done. */
  completes(leaf: StateNode, state: StateNode): boolean {
    if (leaf.kind !== 'final') return false;
    if (state.kind === 'parallel') return state.children.some((region) => region === leaf || this.completes(leaf, region));
    return state.kind === 'compound' && leaf.parent === state;
  }

  /** Regions of parallel states that run beside a leaf. */
  regionsBeside(leaf: StateNode): readonly StateNode[] {
    const line = withAncestors(leaf);
    return line.filter(({ kind }) => kind === 'parallel').flatMap(({ children }) => children.filter((region) => !line.includes(region)));
  }

  /** All leaves below a state that can be entered. */
  leavesWithin(state: StateNode): readonly StateNode[] {
    return this.model.states.filter((leaf) => leaf.children.length === 0 && leaf.kind !== 'history' && withAncestors(leaf).includes(state));
  }

  /** Entering a state in a parallel one enters the other regions too. */
  private landing(target: StateNode): readonly StateNode[] {
    const line = withAncestors(target);
    const beside = ancestorsOf(target).filter(({ kind }) => kind === 'parallel').flatMap(({ children }) => children.filter((region) => !line.includes(region)));
    return [target, ...beside].flatMap((state) => this.leavesOf(state));
  }

  private historyLeaves(state: StateNode, seen: ReadonlySet<StateNode>): readonly StateNode[] {
    const { parent, source } = state;
    if (!parent) return [];
    const target = source.target === undefined ? undefined : resolveTarget(source.target, state, this.model.root);
    const first = target ? this.leavesOf(target, seen) : this.leavesOf(parent, seen);
    // What was left there before can be entered again.
    return [...first, ...this.model.states.filter((leaf) => leaf.children.length === 0 && leaf.kind !== 'history' && leaf !== state && ancestorsOf(leaf).includes(parent))];
  }

  private reach(): ReadonlySet<StateNode> {
    const entered = new Set<StateNode>();
    const open = [...this.leavesOf(this.model.root)];
    for (let leaf = open.pop(); leaf; leaf = open.pop()) {
      if (entered.has(leaf)) continue;
      withAncestors(leaf).forEach((state) => entered.add(state));
      open.push(...this.waysOf(leaf).map(({ to }) => to));
    }
    return entered;
  }
}
