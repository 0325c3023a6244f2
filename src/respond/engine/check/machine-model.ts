import type { InvokeSource, StateSource, Transitions, TransitionSource } from '../playbook-source.js';
import type { Path } from '../positions.js';

export type StateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history';

/** A state with its place in the tree and in the document. */
export interface StateNode {
  /** Of the root: the id of the playbook. */
  readonly name: string;
  /** Names from the root, joined by dots; empty for the root. */
  readonly id: string;
  readonly path: Path;
  readonly source: StateSource;
  readonly kind: StateKind;
  readonly parent: StateNode | undefined;
  readonly children: readonly StateNode[];
  readonly lists: readonly TransitionList[];
}

export type Cause = 'on' | 'always' | 'after' | 'invoke.onDone' | 'invoke.onError' | 'onDone';

/** The transitions of one cause, of which the first whose guard holds is taken. */
export interface TransitionList {
  readonly cause: Cause;
  /** Name of the event, or the key of `after`. */
  readonly key: string;
  readonly path: Path;
  readonly transitions: readonly Transition[];
}

export interface Transition {
  readonly path: Path;
  readonly source: TransitionSource;
  /** Where the text of the target stands. */
  readonly targetPath: Path;
  /** Undefined where there is none, or where it names nothing. */
  readonly target: StateNode | undefined;
}

export interface MachineModel {
  readonly root: StateNode;
  /** In the order of the document, the root first. */
  readonly states: readonly StateNode[];
}

/** Makes the tree of states and resolves targets. */
export function buildModel(id: string, source: StateSource): MachineModel {
  const states: StateNode[] = [];
  const root = build(id, '', ['machine'], source, undefined, states);
  for (const state of states) (state.lists as TransitionList[]).push(...listsOf(state, root));
  return { root, states };
}

function build(name: string, id: string, path: Path, source: StateSource, parent: StateNode | undefined, states: StateNode[]): StateNode {
  const children: StateNode[] = [];
  const node: StateNode = { name, id, path, source, kind: kindOf(source), parent, children, lists: [] };
  states.push(node);
  for (const [key, child] of Object.entries(source.states ?? {})) children.push(build(key, id === '' ? key : `${id}.${key}`, [...path, 'states', key], child, node, states));
  return node;
}

function kindOf({ type, states, history }: StateSource): StateKind {
  if (type) return type;
  if (history) return 'history';
  return states && Object.keys(states).length > 0 ? 'compound' : 'atomic';
}

function listsOf(state: StateNode, root: StateNode): TransitionList[] {
  const { source, path } = state;
  const list = (cause: Cause, key: string, at: Path, transitions: Transitions | undefined): TransitionList[] =>
    transitions === undefined ? [] : [{ cause, key, path: at, transitions: transitionsOf(state, root, at, transitions) }];
  return [
    ...list('always', 'always', [...path, 'always'], source.always),
    ...Object.entries(source.on ?? {}).flatMap(([event, transitions]) => list('on', event, [...path, 'on', event], transitions)),
    ...Object.entries(source.after ?? {}).flatMap(([delay, transitions]) => list('after', delay, [...path, 'after', delay], transitions)),
    ...list('invoke.onDone', 'onDone', [...path, 'invoke', 'onDone'], source.invoke?.onDone),
    ...list('invoke.onError', 'onError', [...path, 'invoke', 'onError'], source.invoke?.onError),
    ...list('onDone', 'onDone', [...path, 'onDone'], source.onDone),
  ];
}

function transitionsOf(state: StateNode, root: StateNode, path: Path, transitions: Transitions): Transition[] {
  const many = Array.isArray(transitions);
  const list = (many ? transitions : [transitions]) as readonly (string | TransitionSource)[];
  return list.map((item, index) => {
    const at = many ? [...path, index] : path;
    const source = typeof item === 'string' ? { target: item } : item;
    const targetPath = typeof item === 'string' ? at : [...at, 'target'];
    return { path: at, source, targetPath, target: source.target === undefined ? undefined : resolveTarget(source.target, state, root) };
  });
}

/** `name` stands beside the state, `.name` inside of it, `#name` below the root; dots lead further down. */
export function resolveTarget(target: string, from: StateNode, root: StateNode): StateNode | undefined {
  if (target.startsWith('#')) return down(root, target.slice(1));
  if (target.startsWith('.')) return down(from, target.slice(1));
  return from.parent && down(from.parent, target);
}

function down(from: StateNode, path: string): StateNode | undefined {
  return path.split('.').reduce<StateNode | undefined>((state, name) => state?.children.find((child) => child.name === name), from);
}

/** What would make a target valid, for the nearest name: every state as one would write it from here. */
export function targetsFrom(from: StateNode, { root, states }: MachineModel): string[] {
  const relative = (base: StateNode, prefix: string): string[] => base.children.map(({ name }) => `${prefix}${name}`);
  return [...(from.parent ? relative(from.parent, '') : []), ...relative(from, '.'), ...states.filter((state) => state !== root).map(({ id }) => `#${id}`)];
}

export function ancestorsOf(state: StateNode): StateNode[] {
  return state.parent ? [state.parent, ...ancestorsOf(state.parent)] : [];
}

export function withAncestors(state: StateNode): StateNode[] {
  return [state, ...ancestorsOf(state)];
}

/** A place where the run ends. */
export function isEnd(state: StateNode): boolean {
  return state.kind === 'final' && state.parent?.parent === undefined;
}

/** Transitions of a list up to the first without a guard: those behind it are never taken. */
export function possible({ transitions }: TransitionList): readonly Transition[] {
  const certain = transitions.findIndex(({ source }) => source.guard === undefined);
  return certain < 0 ? transitions : transitions.slice(0, certain + 1);
}

/** Whether one of the transitions is taken whatever the guards say. */
export function isCertain({ transitions }: TransitionList): boolean {
  return transitions.some(({ source }) => source.guard === undefined);
}

/** Lists of a state that can come to be used: a state that an `always` leaves for certain does nothing else. */
export function usableLists(state: StateNode): readonly TransitionList[] {
  const leaving = state.lists.find((list) => list.cause === 'always' && isCertain(list) && possible(list).every(({ source }) => source.target !== undefined));
  return leaving ? [leaving] : state.lists;
}

export interface Invoke {
  readonly state: StateNode;
  readonly source: InvokeSource;
  readonly path: Path;
}

export function invokesOf({ states }: MachineModel): Invoke[] {
  return states.flatMap((state) => (state.source.invoke ? [{ state, source: state.source.invoke, path: [...state.path, 'invoke'] }] : []));
}
