import type { StateSource, Transitions, TransitionSource } from './playbook-source.js';

/**
 * Takes the machine's own name out of targets: XState writes `#machine.state`, and the format's short form of it is `#state`.
 * A state below the root that is named as the machine keeps its targets.
 */
export function shortenRootTargets(machine: StateSource, id: string): StateSource {
  const prefix = `#${id}.`;
  if (machine.states && Object.hasOwn(machine.states, id)) return machine;
  const shorten = (target: string): string => (target.startsWith(prefix) ? `#${target.slice(prefix.length)}` : target);

  const one = (item: string | TransitionSource): string | TransitionSource =>
    typeof item === 'string' ? shorten(item) : { ...item, ...(item.target === undefined ? {} : { target: shorten(item.target) }) };
  const all = (transitions: Transitions): Transitions =>
    Array.isArray(transitions) ? (transitions as readonly (string | TransitionSource)[]).map(one) : one(transitions as string | TransitionSource);
  const each = <T>(entries: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));

  const state = (source: StateSource): StateSource => {
    const { on, after, always, onDone, invoke, states, target } = source;
    return {
      ...source,
      ...(target === undefined ? {} : { target: shorten(target) }),
      ...(on ? { on: each(on, all) } : {}),
      ...(after ? { after: each(after, all) } : {}),
      ...(always ? { always: all(always) } : {}),
      ...(onDone ? { onDone: all(onDone) } : {}),
      ...(invoke ? { invoke: { ...invoke, onDone: all(invoke.onDone), ...(invoke.onError ? { onError: all(invoke.onError) } : {}) } } : {}),
      ...(states ? { states: each(states, state) } : {}),
    };
  };
  return state(machine);
}
