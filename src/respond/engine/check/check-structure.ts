import { leadsOn } from './check-waits.js';
import { ancestorsOf, isEnd, possible, usableLists, withAncestors, type StateNode } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';
import { restingPlaces } from './resting-places.js';

/** The machine as a graph: what is never reached, never left, or left for ever. */
export function checkStructure(check: PlaybookCheck): void {
  for (const state of check.model.states) checkNeverTaken(check, state);
  checkUnreachable(check);
  checkDeadEnds(check);
  checkLoops(check);
}

function checkNeverTaken({ findings, flow }: PlaybookCheck, state: StateNode): void {
  for (const list of state.lists) {
    for (const { path } of list.transitions.slice(possible(list).length)) findings.add('playbook.never_taken', path, 'a branch without a guard stands before this one, so it is never taken');
  }
  const usable = usableLists(state);
  for (const { path, cause } of state.lists) {
    if (!usable.some((list) => list.path === path)) findings.add('playbook.never_taken', path, `'always' leaves the state as soon as it is entered, so this ${cause} never comes`, 'key');
  }
  const finals = state.children.some(({ kind }) => kind === 'final');
  if (state.kind === 'compound' && state.source.onDone && !finals) findings.add('playbook.never_taken', [...state.path, 'onDone'], 'none of the states inside is final, so the state is never done', 'key');
  if (state.kind === 'parallel' && state.source.onDone && !state.children.every((region) => flow.leavesWithin(region).some((leaf) => leaf.kind === 'final' && leaf.parent === region))) {
    findings.add('playbook.never_taken', [...state.path, 'onDone'], 'a region has no final state, so the state is never done', 'key');
  }
}

function checkUnreachable({ model, flow, findings }: PlaybookCheck): void {
  if (flow.entered.size === 0) return;
  const targeted = new Set(model.states.flatMap((state) => (flow.entered.has(state) ? state.lists : [])).flatMap((list) => possible(list).map(({ target }) => target)));
  for (const state of model.states) {
    const reached = state.kind === 'history' ? targeted.has(state) : flow.entered.has(state);
    const inside = state.parent !== undefined && !flow.entered.has(state.parent);
    if (!reached && !inside) findings.add('playbook.unreachable', state.path, `no transition leads to '${state.id}'`, 'key');
  }
}

function checkDeadEnds({ model, flow, findings }: PlaybookCheck): void {
  const blind = restingPlaces(model, flow).filter(({ lists }) => !lists.some((list) => leadsOn(list, model.root)));
  const leaves = model.states.filter((state) => flow.entered.has(state) && state.children.length === 0 && state.kind !== 'history');
  // An event from outside that the whole machine waits for is no way on: it may never come.
  const onward = (leaf: StateNode): readonly StateNode[] => [
    ...flow.waysOf(leaf).filter(({ cause, of }) => cause !== 'on' || of !== model.root).map(({ to }) => to),
    ...flow.regionsBeside(leaf).flatMap((region) => flow.leavesWithin(region)),
  ];
  const ending = new Set(leaves.filter(isEnd));
  for (let grown = true; grown; ) {
    grown = false;
    for (const leaf of leaves) if (!ending.has(leaf) && onward(leaf).some((next) => ending.has(next))) grown = ending.add(leaf).size > 0;
  }
  for (const { state } of blind) {
    const done = state.kind === 'final' ? state.parent : state.kind === 'parallel' ? state : undefined;
    findings.add('playbook.dead_end', state.path, done ? `'${done.id}' is done here, and no onDone leads on` : `nothing leads out of '${state.id}'`, 'key');
  }
  const stuck = leaves.find((leaf) => !ending.has(leaf));
  if (stuck && blind.length === 0) findings.add('playbook.dead_end', stuck.path, `from '${stuck.id}' no way leads to an end of the run: it goes round for ever`, 'key');
}

/** Circles of transitions that need no event: XState would go round in them within one step. */
function checkLoops({ model, flow, findings }: PlaybookCheck): void {
  const immediate = (leaf: StateNode): readonly StateNode[] => flow.waysOf(leaf).filter(({ cause }) => cause === 'always' || cause === 'onDone').map(({ to }) => to);
  const reported = new Set<StateNode>();
  for (const state of model.states) {
    const selfMoving = state.lists.some((list) => list.cause === 'always' && possible(list).some(({ source }) => source.target === undefined));
    if (selfMoving) {
      findings.add('playbook.always_loop', [...state.path, 'always'], 'an always without target is taken again and again while its guard holds', 'key');
      reported.add(state);
    }
  }
  for (const leaf of model.states.filter((state) => flow.entered.has(state) && state.children.length === 0)) {
    const circle = around(leaf, immediate);
    if (circle.length === 0 || circle.some((state) => withAncestors(state).some((member) => reported.has(member)))) continue;
    circle.forEach((state) => reported.add(state));
    const [at] = [leaf, ...ancestorsOf(leaf)].filter(({ source }) => source.always ?? source.onDone);
    findings.add('playbook.always_loop', at?.path ?? leaf.path, `${circle.map(({ id }) => `'${id}'`).join(' → ')} → '${leaf.id}' needs no event and may go round for ever`, 'key');
  }
}

/** The states on a way from a state back to itself, empty where there is none. */
function around(start: StateNode, next: (state: StateNode) => readonly StateNode[]): readonly StateNode[] {
  const from = new Map<StateNode, StateNode | undefined>();
  const open: StateNode[] = [start];
  for (let state = open.shift(); state; state = open.shift()) {
    for (const to of next(state)) {
      if (to === start) {
        const circle: StateNode[] = [];
        for (let back: StateNode | undefined = state; back; back = from.get(back)) circle.unshift(back);
        return circle;
      }
      if (!from.has(to)) {
        from.set(to, state);
        open.push(to);
      }
    }
  }
  return [];
}

