import { isJsonObject, type ActionDescriptions, type JsonValue } from '../../kernel/index.js';
import type { CompiledPlaybook } from '../engine/compiled-playbook.js';
import type { InvokeSource, StateSource, Transitions } from '../engine/playbook-source.js';
import { UNDO_ACTION, type Effect } from './effect.js';
import type { Containing, Run } from './run.js';

/**
 * Whether a run has contained what it set out to contain: at least one destructive action went through and was read back
 * (or cannot be), for none of them the last word is a failure, and from where the machine stands no further one lies ahead
 * on the way of success (`onDone` and `always`). What only an event, a timer or a failure leads to does not hold it up. A
 * target that cannot be followed counts as a way to a destructive action, so that containment is stated late, not early.
 *
 * A run that ends as contained says so itself: there the last destructive action decides, since it may have made up for one
 * that failed before. Where something is taken back, nothing is contained.
 */
export function containmentComplete({ source: { machine } }: Pick<CompiledPlaybook, 'source'>, { value, status, outcome, containing }: Pick<Run, 'value' | 'status' | 'outcome' | 'containing'>, isDestructive: (action: string) => boolean): boolean {
  const results = Object.values(containing);
  if (!results.some(({ state }) => state === 'done')) return false;
  if (status === 'done') {
    const last = Math.max(...results.map(({ seq }) => seq));
    return outcome === 'contained' && results.every(({ state, seq }) => state === 'done' || (state === 'failed' && seq < last));
  }
  if (results.some(({ state }) => state !== 'done')) return false;
  const ways = new Ways(machine, isDestructive);
  return !ways.takesBack(value) && !ways.leadOn(value);
}

/** One that no connector offers counts as destructive where the policy of the playbook names it: it was meant to be held by it. */
export function isDestructive(actions: ActionDescriptions, { policy }: Pick<CompiledPlaybook, 'policy'>, action: string): boolean {
  return actions.find(action)?.destructive ?? Object.hasOwn(policy, action);
}

/** Notes what came of a destructive action. */
export function withResult(run: Run, { id, invokeId }: Pick<Effect, 'id' | 'invokeId'>, state: Containing['state'], residualAccessUntil: string | null = null): Run {
  return invokeId === null ? run : { ...run, containing: { ...run.containing, [invokeId]: { state, residualAccessUntil, effectId: id, seq: run.seq } } };
}

/** Notes that what was done is being taken back. */
export function takenBack(run: Run): Run {
  return { ...run, containing: Object.fromEntries(Object.entries(run.containing).map(([invokeId, result]) => [invokeId, { ...result, state: 'undone' as const }])) };
}

/** Notes that destructive actions of these effects will not be heard of, since their states were left before they ended. */
export function withLeft(run: Run, awaited: Run['awaits']['invokes'], left: readonly string[], { machine }: CompiledPlaybook['source'], isDestructive: (action: string) => boolean): Run {
  const destructive = new Set(invokesOf(machine).flatMap(({ id, src }) => (isDestructive(src) ? [id] : [])));
  const lost = Object.entries(awaited).filter(([invokeId, id]) => left.includes(id) && destructive.has(invokeId) && run.containing[invokeId]?.effectId !== id);
  return lost.reduce((noted, [invokeId, id]) => withResult(noted, { id, invokeId }, 'failed'), run);
}

/** All invokes of a machine. */
export function invokesOf(state: StateSource): InvokeSource[] {
  return [...(state.invoke ? [state.invoke] : []), ...Object.values(state.states ?? {}).flatMap(invokesOf)];
}

/** Until when access may go on in spite of what was done: the latest of all, null where nothing remains. */
export function residualAccess(containing: Readonly<Record<string, Containing>>): string | null {
  const times = Object.values(containing).flatMap(({ residualAccessUntil }) => (residualAccessUntil === null ? [] : [residualAccessUntil]));
  return times.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
}

type Path = readonly string[];

class Ways {
  readonly #seen = new Set<string>();

  constructor(
    private readonly machine: StateSource,
    private readonly isDestructive: (action: string) => boolean,
  ) {}

  /** Whether an undo is active in `value`. */
  takesBack(value: JsonValue): boolean {
    return activePaths(value, []).some((path) => this.#state(path)?.invoke?.src === UNDO_ACTION);
  }

  /** Whether a destructive invoke is active in `value`, or ahead of it. */
  leadOn(value: JsonValue): boolean {
    return activePaths(value, []).some((path) => this.#from(path));
  }

  #from(path: Path): boolean {
    const key = path.join('.');
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const state = this.#state(path);
    if (!state) return true;
    if (state.invoke && this.isDestructive(state.invoke.src)) return true;
    const inside = state.type === 'parallel' ? Object.keys(state.states ?? {}) : state.initial === undefined ? [] : [state.initial];
    if (inside.some((name) => this.#from([...path, name]))) return true;
    return [...targets(state.invoke?.onDone), ...targets(state.always), ...targets(state.onDone)].some((target) => this.#to(path, target));
  }

  /** Entering a state enters its parents too, whose own invokes count. */
  #to(from: Path, target: string): boolean {
    if (target.startsWith('#')) return true;
    const to = target.startsWith('.') ? [...from, ...target.slice(1).split('.')] : [...from.slice(0, -1), ...target.split('.')];
    return to.some((_, index) => this.#from(to.slice(0, index + 1)));
  }

  #state(path: Path): StateSource | undefined {
    return path.reduce<StateSource | undefined>((state, name) => state?.states?.[name], this.machine);
  }
}

/** Every state that a value of XState names, parents included. */
function activePaths(value: JsonValue, above: Path): Path[] {
  if (typeof value === 'string') return [[...above, value]];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, below]) => [[...above, name], ...activePaths(below, [...above, name])]);
}

function targets(transitions: Transitions | undefined): string[] {
  if (transitions === undefined) return [];
  if (typeof transitions === 'string') return [transitions];
  const list = Array.isArray(transitions) ? (transitions as readonly (string | { readonly target?: string })[]) : [transitions as { readonly target?: string }];
  return list.flatMap((transition) => (typeof transition === 'string' ? [transition] : transition.target === undefined ? [] : [transition.target]));
}
