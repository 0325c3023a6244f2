import { isCertain, possible, type StateNode, type TransitionList } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';
import { restingPlaces } from './resting-places.js';

/** Places from which only an event from outside, or a guard that may never hold, leads on. */
export function checkWaits({ model, flow, findings, invokes }: PlaybookCheck): void {
  for (const { state, lists } of restingPlaces(model, flow)) {
    // What nothing leads out of is a dead end, which is reported as one.
    if (lists.some((list) => movesInTime(list, lists)) || !lists.some((list) => leadsOn(list, model.root))) continue;
    const events = lists.filter(({ cause }) => cause === 'on').map(({ key }) => key);
    const why = lists.some(({ cause }) => cause === 'after' || cause === 'always') ? 'each delay or always has a guard that may never hold, or no target' : events.length > 0 ? `only ${events.join(', ')} leads on, which may never come` : 'what ends there leads nowhere';
    findings.add('playbook.wait_without_deadline', state.path, `'${state.id}' may wait for ever: ${why}`, 'key');
  }
  for (const { source, path } of invokes) {
    if (source.src === 'core.approval' && source.input?.['deadline'] === undefined) findings.add('playbook.wait_without_deadline', path, `the approval '${source.id}' has no deadline`, 'key');
  }
}

/** Whether a way leads out other than by an event from outside that the whole machine waits for. */
export function leadsOn(list: TransitionList, root: StateNode): boolean {
  return !(list.cause === 'on' && root.lists.includes(list)) && possible(list).some(({ target }) => target !== undefined);
}

/** Whether time alone leads on: a delay, an always or a completion whatever the guards say, or an invoke, which always ends. */
function movesInTime(list: TransitionList, all: readonly TransitionList[]): boolean {
  const leaves = (some: TransitionList): boolean => possible(some).every(({ source }) => source.target !== undefined);
  switch (list.cause) {
    case 'after':
    case 'always':
      return isCertain(list) && leaves(list);
    case 'onDone':
      return leaves(list);
    case 'invoke.onDone':
      // Where a branch is missing for an end of the invoke, that is reported by itself.
      return leaves(list) && all.filter(({ cause, path }) => cause === 'invoke.onError' && path.length === list.path.length).every(leaves);
    default:
      return false;
  }
}
