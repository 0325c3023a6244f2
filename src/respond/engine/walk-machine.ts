import type { StateSource, Transitions, TransitionSource } from './playbook-source.js';

export interface WalkedState {
  /** Dotted path; empty for the machine itself. */
  readonly path: string;
  readonly source: StateSource;
}

export interface WalkedTransition {
  /** Unique in the playbook and readable: `approve: ask done [2]`, `contained: after P7D`. */
  readonly id: string;
  readonly from: string;
  /** `on <event>`, `after <key>`, `always`, `done`, `<invoke> done`, `<invoke> error`. */
  readonly cause: string;
  readonly source: TransitionSource;
  /** Dotted path of the target, or undefined where the state is not left. */
  readonly to: string | undefined;
}

/** Every state in the order of the text, the machine itself first. */
export function statesOf(machine: StateSource): WalkedState[] {
  const walk = (source: StateSource, path: string): WalkedState[] => [
    { path, source },
    ...Object.entries(source.states ?? {}).flatMap(([name, state]) => walk(state, path === '' ? name : `${path}.${name}`)),
  ];
  return walk(machine, '');
}

export function transitionsOf(machine: StateSource): WalkedTransition[] {
  return statesOf(machine).flatMap(({ path, source }) => causesOf(source).flatMap(([cause, transitions]) => listOf(transitions).map((transition, index, all): WalkedTransition => ({
    id: transitionId(path, cause, index, all.length),
    from: path,
    cause,
    source: transition,
    to: transition.target === undefined ? undefined : targetPath(transition.target, path),
  }))));
}

/** The machine with each state and each transition changed. */
export function mapMachine(machine: StateSource, change: { state(state: StateSource, path: string): StateSource; transition(transition: TransitionSource, id: string): TransitionSource }): StateSource {
  const walk = (source: StateSource, path: string): StateSource => {
    const all = (cause: string, transitions: Transitions): TransitionSource[] => listOf(transitions).map((transition, index, list) => change.transition(transition, transitionId(path, cause, index, list.length)));
    const { on, after, always, onDone, invoke, states } = source;
    return change.state({
      ...source,
      ...(on ? { on: mapEntries(on, (transitions, event) => all(`on ${event}`, transitions)) } : {}),
      ...(after ? { after: mapEntries(after, (transitions, key) => all(`after ${key}`, transitions)) } : {}),
      ...(always ? { always: all('always', always) } : {}),
      ...(onDone ? { onDone: all('done', onDone) } : {}),
      ...(invoke ? { invoke: { ...invoke, onDone: all(`${invoke.id} done`, invoke.onDone), ...(invoke.onError ? { onError: all(`${invoke.id} error`, invoke.onError) } : {}) } } : {}),
      ...(states ? { states: mapEntries(states, (state, name) => walk(state, path === '' ? name : `${path}.${name}`)) } : {}),
    }, path);
  };
  return walk(machine, '');
}

export function listOf(transitions: Transitions): TransitionSource[] {
  const list = Array.isArray(transitions) ? (transitions as readonly (string | TransitionSource)[]) : [transitions as string | TransitionSource];
  return list.map((item) => (typeof item === 'string' ? { target: item } : item));
}

function causesOf({ on, after, always, onDone, invoke }: StateSource): [string, Transitions][] {
  return [
    ...Object.entries(on ?? {}).map(([event, transitions]): [string, Transitions] => [`on ${event}`, transitions]),
    ...(always ? [['always', always] as [string, Transitions]] : []),
    ...(invoke ? [[`${invoke.id} done`, invoke.onDone] as [string, Transitions]] : []),
    ...(invoke?.onError ? [[`${invoke.id} error`, invoke.onError] as [string, Transitions]] : []),
    ...Object.entries(after ?? {}).map(([key, transitions]): [string, Transitions] => [`after ${key}`, transitions]),
    ...(onDone ? [['done', onDone] as [string, Transitions]] : []),
  ];
}

function transitionId(path: string, cause: string, index: number, count: number): string {
  return `${path || 'machine'}: ${cause}${count > 1 ? ` [${index + 1}]` : ''}`;
}

function targetPath(target: string, from: string): string {
  if (target.startsWith('#')) return target.slice(1);
  const base = target.startsWith('.') ? from : from.split('.').slice(0, -1).join('.');
  return [base, target.replace(/^\./, '')].filter((part) => part !== '').join('.');
}

function mapEntries<T, U>(object: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
