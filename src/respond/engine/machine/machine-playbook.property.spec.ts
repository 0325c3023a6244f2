import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { initialTransition, transition, type AnyMachineSnapshot } from 'xstate';
import type { EffectOutput } from '../../../kernel/index.js';
import { PlaybookFailure, type RunState, type Step, type StepInput } from '../compiled-playbook.js';
import type { PlaybookSource, StateSource, Transitions } from '../playbook-source.js';
import { compileClosedSchema } from './closed-schema.js';
import { compilePlaybook } from './compile-playbook.js';
import { Frame, type MachineContext, type MachineEvent } from './frame.js';
import { buildMachine } from './machine-config.js';
import { createXStateMachine } from './xstate-machine.js';

const AT = new Date('2026-03-02T10:00:00Z');
const STARTED = { type: 'manual.start', n: 1 };
const OUTPUT: EffectOutput = { result: 1, verify: { state: 'verified', residual_access_until: null, why: '' }, already: false, attempts: 1 };
const SCHEMA = { type: 'object', required: ['n'], properties: { n: { type: 'integer', maximum: 40 }, last: {} } };

const NAMES = ['a', 'b', 'c'];
const PATHS = [...NAMES, ...NAMES.flatMap((name) => ['x', 'y', 'h'].map((inner) => `${name}.${inner}`))];

/** A playbook of states within states, some of which loop, fail or go to a state that is not there (those are left out). */
const playbooks = fc
  .record({
    shapes: fc.array(fc.record({ kind: fc.constantFrom('atomic', 'compound', 'parallel'), final: fc.boolean(), history: fc.constantFrom('shallow', 'deep') }), { minLength: 3, maxLength: 3 }),
    targets: fc.infiniteStream(fc.constantFrom(...PATHS, 'end')),
    choices: fc.infiniteStream(fc.nat(9)),
  })
  .map(({ shapes, targets, choices }): PlaybookSource => {
    const choose = () => choices.next().value as number;
    let invokes = 0;
    const transitions = (): Transitions => {
      const target = `#${targets.next().value as string}`;
      const pick = choose();
      if (pick < 4) return target;
      if (pick < 6) return [{ guard: '${ context.n % 2 == 0 }', target }, { assign: { n: '${ context.n + 1 }' } }];
      if (pick < 8) return { target, assign: { n: '${ context.n + 1 }', last: '${ event }' }, actions: [{ type: 'test.tell', params: { n: '${ context.n }' } }] };
      return pick < 9 ? { target, guard: '${ event.missing }' } : { actions: [{ type: 'test.tell' }] };
    };
    const leaf = (): StateSource => ({
      on: { go: transitions(), [choose() < 5 ? 'turn' : 'back']: transitions() },
      ...(choose() < 4 ? { after: { PT1H: transitions(), '${ now + duration("PT2H") }': transitions() } } : {}),
      ...(choose() < 5 ? { invoke: { id: `i${invokes++}`, src: 'test.act', input: { n: '${ context.n }' }, onDone: transitions(), onError: transitions() } } : {}),
      ...(choose() < 2 ? { always: [{ guard: '${ context.n % 3 == 1 }', target: `#${targets.next().value as string}` }] } : {}),
      ...(choose() < 2 ? { entry: [{ assign: { n: '${ context.n + 1 }' } }] } : {}),
      ...(choose() < 2 ? { exit: [{ type: 'test.tell', params: { left: '${ context.n }' } }] } : {}),
    });
    const states = Object.fromEntries(
      shapes.map(({ kind, final, history }, index): [string, StateSource] => {
        const name = NAMES[index]!;
        if (kind === 'atomic') return [name, { initial: 'x', states: { x: leaf(), y: leaf(), h: { type: 'history', history } } }];
        if (kind === 'parallel') return [name, { type: 'parallel', states: { x: leaf(), y: leaf(), h: { type: 'history', history } }, onDone: transitions() }];
        return [name, { initial: 'x', states: { x: leaf(), y: final ? { type: 'final' } : leaf(), h: { type: 'history', history } }, on: { back: '#end' }, after: { PT3H: transitions() }, onDone: '#end' }];
      }),
    );
    return {
      format: 'cordon.playbook/1', id: 'p', version: '1.0.0', title: 'P', trigger: { on: 'manual' },
      context: { schema: SCHEMA, initial: { n: '${ event.n }' } },
      machine: { initial: 'a', states: { ...states, end: { type: 'final', outcome: 'contained' } } },
    };
  });

/** What happens next, as a choice among what a run waits for, or something that it does not. */
const happenings = fc.array(fc.record({ what: fc.constantFrom('event', 'event', 'done', 'error', 'timer', 'stale'), which: fc.nat(20) }), { maxLength: 25 });
type Happening = { readonly what: string; readonly which: number };

function inputOf({ what, which }: Happening, { snapshot }: RunState): StepInput {
  const one = (list: unknown, other: string) => ((list as string[]).length > 0 ? (list as string[])[which % (list as string[]).length]! : other);
  const invokeId = what === 'stale' ? `i${which}` : one(snapshot['invokes'], 'i0');
  if (what === 'event') return { kind: 'event', event: { type: ['go', 'turn', 'back', 'unknown'][which % 4]!, n: which } };
  if (what === 'timer') return { kind: 'timer', timerId: one(snapshot['timers'], 'a.x.PT1H'), due: AT, lateMs: 0 };
  if (what === 'error') return { kind: 'error', invokeId, error: { code: 'TIMEOUT', message: '', retryable: false, attempts: 1 } };
  return { kind: 'done', invokeId, output: OUTPUT };
}

const throughJson = (state: RunState) => JSON.parse(JSON.stringify(state)) as RunState;

/** Applies what happens, leaving out what fails; gives every step with its input. */
function play(source: PlaybookSource, happening: readonly Happening[], keep: (state: RunState) => RunState): { input: StepInput | undefined; step: Step }[] {
  const playbook = compilePlaybook(source, 'hash');
  const first = attempt(() => playbook.start(STARTED, {}, AT));
  if (!first) return [];
  const steps: { input: StepInput | undefined; step: Step }[] = [{ input: undefined, step: first }];
  for (const next of happening) {
    const { state } = steps.at(-1)!.step;
    const input = inputOf(next, state);
    const step = attempt(() => playbook.apply(keep(state), input, AT));
    if (step) steps.push({ input, step });
  }
  return steps;
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PlaybookFailure)) throw error;
    return undefined;
  }
}

describe('any playbook under anything that happens', () => {
  it('has the same future from a stored state as from one that was never stored', () => {
    fc.assert(
      fc.property(playbooks, happenings, (source, happening) => {
        const parts = buildMachine('p', source.machine, compileClosedSchema(SCHEMA));
        const machine = createXStateMachine(parts);
        let [never] = initialTransition(machine, { frame: new Frame({ n: 1 }, {}, AT), event: STARTED }) as unknown as [AnyMachineSnapshot];
        for (const { input, step } of play(source, happening, throughJson)) {
          const event = input && xstateEvent(input, parts.timers);
          if (event && never.status === 'active') {
            const before = never;
            const pendingEnd = input.kind === 'event' || step.changed;
            if (pendingEnd) [never] = transition(machine, before, event) as unknown as [AnyMachineSnapshot];
          }
          expect({ value: step.value, status: step.status, context: step.context }).toEqual({ value: never.value, status: never.status, context: (never.context as MachineContext).frame.context });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('replays from its inputs to the same chain of states', () => {
    fc.assert(
      fc.property(playbooks, happenings, (source, happening) => {
        const chain = play(source, happening, throughJson).map(({ step }) => step);
        expect(play(source, happening, (state) => state).map(({ step }) => step)).toEqual(chain);
        for (const { state } of chain) expect(throughJson(state)).toStrictEqual(state);
      }),
      { numRuns: 40 },
    );
  });

  it('ends every timer and every invoke that it began exactly once', () => {
    fc.assert(
      fc.property(playbooks, happenings, (source, happening) => {
        const timers = new Set<string>();
        const invokes = new Set<string>();
        const take = (set: Set<string>, id: string) => expect({ id, taken: set.delete(id) }).toEqual({ id, taken: true });
        const put = (set: Set<string>, id: string) => expect({ id, put: !set.has(id) && set.add(id) !== undefined }).toEqual({ id, put: true });
        for (const { input, step } of play(source, happening, throughJson)) {
          // An input that nothing waits for ends nothing.
          if (input?.kind === 'timer') timers.delete(input.timerId);
          if (input?.kind === 'done' || input?.kind === 'error') invokes.delete(input.invokeId);
          for (const command of step.commands) {
            if (command.type === 'arm-timer') put(timers, command.timerId);
            if (command.type === 'cancel-timer') take(timers, command.timerId);
            if (command.type === 'invoke') put(invokes, command.invokeId);
            if (command.type === 'cancel-invoke') take(invokes, command.invokeId);
          }
          expect({ timers: [...timers].sort(), invokes: [...invokes].sort() }).toEqual({ timers: [...(step.state.snapshot['timers'] as string[])].sort(), invokes: [...(step.state.snapshot['invokes'] as string[])].sort() });
          if (step.status === 'done') expect(timers.size + invokes.size).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function xstateEvent(input: StepInput, timers: ReadonlyMap<string, { readonly event: string }>): MachineEvent | undefined {
  if (input.kind === 'event') return { type: input.event.type, body: input.event };
  if (input.kind === 'done') return { type: `xstate.done.actor.${input.invokeId}`, body: { output: input.output } };
  if (input.kind === 'error') return { type: `xstate.error.actor.${input.invokeId}`, body: { error: input.error } };
  const type = timers.get(input.timerId)?.event;
  return type === undefined ? undefined : { type, body: { due: input.due.toISOString(), lateMs: input.lateMs } };
}
