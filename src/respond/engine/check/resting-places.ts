import type { Flow } from './flow.js';
import { isEnd, usableLists, withAncestors, type MachineModel, type StateNode, type TransitionList } from './machine-model.js';

/** A place where a run stays until something happens. */
export interface RestingPlace {
  readonly state: StateNode;
  /** What can happen there: the transitions of the state and of those around it. */
  readonly lists: readonly TransitionList[];
}

/**
 * Every place where a run can stay: states without states inside, a compound state that is done by a final one, a parallel
 * state all of whose regions are done. The ends of the run are none.
 */
export function restingPlaces({ states }: MachineModel, flow: Flow): readonly RestingPlace[] {
  return states.filter((state) => flow.entered.has(state)).flatMap((state): RestingPlace[] => {
    if (state.kind === 'atomic') return [{ state, lists: around(state, undefined) }];
    if (state.kind === 'parallel') return isRegion(state) || !completable(state, flow) ? [] : [{ state, lists: around(state, state) }];
    if (state.kind !== 'final' || isEnd(state) || !state.parent || isRegion(state.parent) || state.parent.kind === 'parallel') return [];
    return [{ state, lists: around(state.parent, state.parent) }];
  });
}

/** Of `done`, its own onDone counts too. */
function around(from: StateNode, done: StateNode | undefined): readonly TransitionList[] {
  return withAncestors(from).flatMap((state) => usableLists(state).filter(({ cause }) => cause !== 'onDone' || state === done));
}

function isRegion({ parent }: StateNode): boolean {
  return parent?.kind === 'parallel';
}

function completable(state: StateNode, flow: Flow): boolean {
  if (!flow.entered.has(state)) return false;
  if (state.kind === 'parallel') return state.children.every((region) => completable(region, flow));
  return state.kind === 'final' || state.children.some((child) => child.kind === 'final' && flow.entered.has(child));
}
