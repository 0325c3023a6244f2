import { assign, type MetaObject, type NonReducibleUnknown, type ParameterizedObject, type ProvidedActor, type StateNodeConfig, type EventObject } from 'xstate';
import { isJsonObject, type JsonObject } from '../../../kernel/index.js';
import { PlaybookFailure, type RetryPolicy } from '../compiled-playbook.js';
import { parseDuration } from '../duration.js';
import type { Expression } from '../expression.js';
import { compileTemplate } from '../expression/index.js';
import type { ActionSource, InvokeSource, Outcome, StateSource, Transitions, TransitionSource } from '../playbook-source.js';
import type { ClosedSchema } from './closed-schema.js';
import { compileActions } from './compile-actions.js';
import { delayOf } from './due-time.js';
import type { MachineContext, MachineEvent } from './frame.js';
import { requireDuration } from './require-duration.js';
import { retryPolicy } from './retry-policy.js';

export type StateConfig = StateNodeConfig<MachineContext, MachineEvent, ProvidedActor, ParameterizedObject, ParameterizedObject, string, string, NonReducibleUnknown, EventObject, MetaObject>;
type TransitionConfig = Exclude<Exclude<StateConfig['always'], undefined | string | readonly unknown[]>, undefined>;
type Arguments = { readonly context: MachineContext; readonly event: MachineEvent };

export interface InvokeSpec {
  readonly src: string;
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy | undefined;
}

export interface TimerSpec {
  /** XState's id and event type of the delayed transition. */
  readonly event: string;
  readonly clock: 'wall' | 'business' | 'frozen';
}

/** An XState config of real functions, and what XState has no room for. */
export interface MachineParts {
  readonly root: StateConfig & { readonly id: string };
  readonly delays: Readonly<Record<string, (args: Arguments) => number>>;
  readonly invokes: ReadonlyMap<string, InvokeSpec>;
  /** By timer id: `<path of the state>.<duration>`, or `.after<n>` for the n-th key where it is an expression. */
  readonly timers: ReadonlyMap<string, TimerSpec>;
  /** Of the final states of the root. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

/**
 * Turns what a playbook says in data into XState's functions.
 *
 * @param id of the playbook, with which XState's ids of states begin
 * @throws PlaybookFailure a name or a structure that cannot run; ExpressionFailure an expression that cannot be read
 */
export function buildMachine(id: string, source: StateSource, schema: ClosedSchema): MachineParts {
  return new MachineBuilder(id, schema).build(source);
}

class MachineBuilder {
  private readonly delays: Record<string, (args: Arguments) => number> = {};
  private readonly invokes = new Map<string, InvokeSpec>();
  private readonly timers = new Map<string, TimerSpec>();

  constructor(
    private readonly id: string,
    private readonly schema: ClosedSchema,
  ) {}

  build(source: StateSource): MachineParts {
    const root = { ...this.state(source, []), id: this.id };
    const outcomes = Object.entries(source.states ?? {}).flatMap(([name, { outcome }]): [string, Outcome][] => (outcome ? [[name, outcome]] : []));
    return { root, delays: this.delays, invokes: this.invokes, timers: this.timers, outcomes: new Map(outcomes) };
  }

  private state(source: StateSource, path: readonly string[]): StateConfig {
    const at = path.join('.') || 'the machine';
    // XState would say so only when it gets there.
    if (source.initial !== undefined && !Object.hasOwn(source.states ?? {}, source.initial)) throw new PlaybookFailure(`${at} begins in ${source.initial}, which it does not have`);
    return {
      ...(source.type ? { type: source.type } : {}),
      ...(source.initial === undefined ? {} : { initial: source.initial }),
      ...(source.states ? { states: this.states(source.states, path) } : {}),
      ...(source.on ? { on: mapValues(source.on, (transitions, event) => this.transitions(transitions, path, `${at}, on ${requireEventName(event, at)}`)) } : {}),
      ...(source.always ? { always: this.transitions(source.always, path, `${at}, always`) } : {}),
      ...(source.after ? { after: this.after(source.after, path) } : {}),
      ...(source.entry ? { entry: this.actions(undefined, source.entry) } : {}),
      ...(source.exit ? { exit: this.actions(undefined, source.exit) } : {}),
      ...(source.invoke ? { invoke: this.invoke(source.invoke, path) } : {}),
      ...(source.onDone ? { onDone: this.transitions(source.onDone, path, `${at}, onDone`) } : {}),
    };
  }

  private states(states: Readonly<Record<string, StateSource>>, path: readonly string[]): Record<string, StateConfig> {
    for (const name of Object.keys(states)) {
      // XState reads dots in targets as steps downwards and `#` as an id.
      if (!/^[A-Za-z_][\w-]*$/.test(name)) throw new PlaybookFailure(`a state cannot be called ${JSON.stringify(name)}: letters, digits, _ and - are`);
    }
    return mapValues(states, (state, name) => (state.type === 'history' || state.history ? this.history(state, states, [...path, name]) : this.state(state, [...path, name])));
  }

  private history({ history = 'shallow', target }: StateSource, siblings: Readonly<Record<string, StateSource>>, path: readonly string[]): StateConfig {
    const [first] = target?.split('.') ?? [];
    if (first !== undefined && !Object.hasOwn(siblings, first)) throw new PlaybookFailure(`${path.join('.')} goes to ${first}, which does not stand beside it`);
    return { type: 'history', history, ...(target === undefined ? {} : { target }) };
  }

  private transitions(source: Transitions, path: readonly string[], where: string): TransitionConfig[] {
    const list = Array.isArray(source) ? (source as readonly (string | TransitionSource)[]) : [source as string | TransitionSource];
    return list.map((item) => this.transition(typeof item === 'string' ? { target: item } : item, path, where));
  }

  private transition({ target, guard, assign: assigns, actions }: TransitionSource, path: readonly string[], where: string): TransitionConfig {
    return {
      ...(target === undefined ? {} : { target: this.target(target, path) }),
      // A state that names itself starts anew, timers and invoke included: in XState's default it would wait for what is over.
      ...(target !== undefined && path.length > 0 && (target === path.at(-1) || target === `#${path.join('.')}`) ? { reenter: true } : {}),
      ...(guard === undefined ? {} : { guard: guardOf(compileTemplate(guard), where) }),
      actions: this.actions(assigns, actions),
    };
  }

  /** `#a.b` stands below the root. */
  private target(target: string, path: readonly string[]): string {
    if (path.length === 0 && !/^[.#]/.test(target)) throw new PlaybookFailure(`a transition of the machine itself goes to ".${target}", not "${target}"`);
    return target.startsWith('#') ? `#${this.id}.${target.slice(1)}` : target;
  }

  private after(after: Readonly<Record<string, Transitions>>, path: readonly string[]): Record<string, TransitionConfig[]> {
    return Object.fromEntries(
      Object.entries(after).map(([key, transitions], index) => {
        const fixed = parseDuration(key);
        const timerId = [...path, fixed === undefined ? `after${index}` : key].join('.');
        const due = compileTemplate(key);
        this.delays[timerId] = ({ context: { frame }, event }) => delayOf(due.evaluate(frame.scope(event)), frame.at);
        this.timers.set(timerId, { event: `xstate.after.${timerId}.${[this.id, ...path].join('.')}`, clock: clockOf(transitions) });
        return [timerId, this.transitions(transitions, path, `${path.join('.')}, after ${key}`)];
      }),
    );
  }

  private invoke({ id, src, input, timeout, retry, onDone, onError }: InvokeSource, path: readonly string[]): NonNullable<StateConfig['invoke']> {
    if (this.invokes.has(id)) throw new PlaybookFailure(`two invokes are called ${id}`);
    this.invokes.set(id, { src, timeoutMs: timeout === undefined ? undefined : requireDuration(timeout, `the timeout of ${id}`), retry: retry && retryPolicy(retry, id) });
    const template = compileTemplate({ ...input });
    return {
      id,
      src,
      input: ({ context, event }: Arguments) => objectOf(template, context, event),
      onDone: this.transitions(onDone, path, `${id}, onDone`),
      ...(onError === undefined ? {} : { onError: this.transitions(onError, path, `${id}, onError`) }),
    };
  }

  private actions(assigns: TransitionSource['assign'], sources: readonly ActionSource[] | undefined): StateConfig['entry'] & unknown[] {
    const { assign: write, notify } = compileActions(assigns, sources, this.schema);
    const assignment = assign<MachineContext, MachineEvent, undefined, MachineEvent, ProvidedActor>(({ context: { frame }, event }) => ({ frame: write ? frame.withContext(write(frame.scope(event))) : frame }));
    const effects = notify.map(({ action, input }) => ({ type: NOTIFY, params: ({ context, event }: Arguments) => ({ action, input: objectOf(input, context, event) }) }));
    return [...(write ? [assignment] : []), ...effects];
  }
}

/** Type of the custom action that stands for an effect that nobody waits for. */
export const NOTIFY = 'notify';

export interface NotifyParams {
  readonly action: string;
  readonly input: JsonObject;
}

function guardOf(expression: Expression, where: string): (args: Arguments) => boolean {
  return ({ context: { frame }, event }) => {
    const holds = expression.evaluate(frame.scope(event));
    if (typeof holds !== 'boolean') throw new PlaybookFailure(`the guard of ${where} gave ${JSON.stringify(holds)}, neither true nor false`);
    return holds;
  };
}

function objectOf(template: Expression, { frame }: MachineContext, event: MachineEvent): JsonObject {
  const value = template.evaluate(frame.scope(event));
  if (!isJsonObject(value)) throw new PlaybookFailure('an input is no object');
  return value;
}

function requireEventName(event: string, at: string): string {
  if (event.startsWith('xstate.') || event.includes('*')) throw new PlaybookFailure(`${at} listens to ${event}: name one event of the catalogue`);
  return event;
}

function clockOf(transitions: Transitions): TimerSpec['clock'] {
  const list = Array.isArray(transitions) ? (transitions as readonly (string | TransitionSource)[]) : [transitions as string | TransitionSource];
  return list.flatMap((item) => (typeof item === 'string' || item.clock === undefined ? [] : [item.clock]))[0] ?? 'wall';
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));
}
