import { describe, expect, it } from '@jest/globals';
import type { EffectError, EffectOutput, JsonObject, JsonValue } from '../../../kernel/index.js';
import { PlaybookFailure, type CompiledPlaybook, type RunState, type Step, type StepInput } from '../compiled-playbook.js';
import type { PlaybookSource, StateSource } from '../playbook-source.js';
import { compilePlaybook } from './compile-playbook.js';

const AT = new Date('2026-03-02T10:00:00Z');
const later = (ms: number) => new Date(AT.getTime() + ms);
const STARTED = { type: 'incident.opened', incident: { id: 'inc-1' } };

const CONTEXT = { schema: { type: 'object', properties: { n: { type: 'integer', maximum: 5 }, note: {}, deep: { type: 'object', properties: { a: { type: 'string' } } } } }, initial: { n: 0 } };

function playbook(machine: StateSource, more: Partial<PlaybookSource> = {}): CompiledPlaybook {
  return compilePlaybook({ format: 'cordon.playbook/1', id: 'p', version: '1.0.0', title: 'P', trigger: { on: 'manual' }, context: CONTEXT, machine, ...more }, 'hash');
}

/** A run whose state is read back from text before every step, as from a database. */
class Run {
  step: Step;
  constructor(readonly of: CompiledPlaybook, params: JsonObject = {}, event = STARTED) {
    this.step = of.start(event, params, AT);
  }
  get stored(): RunState {
    return JSON.parse(JSON.stringify(this.step.state)) as RunState;
  }
  apply(input: StepInput, at = AT): Step {
    return (this.step = this.of.apply(this.stored, input, at));
  }
  event(type: string, body: Record<string, JsonValue> = {}, at = AT): Step {
    return this.apply({ kind: 'event', event: { type, ...body } }, at);
  }
  done(invokeId: string, output: EffectOutput = OUTPUT): Step {
    return this.apply({ kind: 'done', invokeId, output });
  }
  error(invokeId: string, code: EffectError['code'] = 'TIMEOUT'): Step {
    return this.apply({ kind: 'error', invokeId, error: { code, message: 'no answer', retryable: true, attempts: 2 } });
  }
  timer(timerId: string, due: Date, at = due): Step {
    return this.apply({ kind: 'timer', timerId, due, lateMs: at.getTime() - due.getTime() }, at);
  }
}

const OUTPUT: EffectOutput = { result: { ok: true }, verify: { state: 'verified', residual_access_until: null, why: 'read back' }, already: false, attempts: 1 };
const final = { type: 'final' } as const;
const call = (id: string, target: string, more: object = {}) => ({ invoke: { id, src: 'test.act', onDone: target, onError: 'failed', ...more } });
const timers = (step: Step) => step.commands.filter((command) => command.type === 'arm-timer' || command.type === 'cancel-timer');

describe('timers', () => {
  const waiting = playbook({ initial: 'wait', states: { wait: { after: { PT4H: 'over' } }, over: { ...final, outcome: 'contained' } } });

  it('are armed with an absolute due time and fire in a run that was stored in between', () => {
    const run = new Run(waiting);
    expect(run.step.commands).toEqual([{ type: 'arm-timer', timerId: 'wait.PT4H', due: later(4 * 3_600_000), clock: 'wall' }]);
    expect(run.timer('wait.PT4H', later(4 * 3_600_000))).toMatchObject({ value: 'over', status: 'done', outcome: 'contained', commands: [] });
  });

  it('of every length are armed, never handled at once', () => {
    for (const key of ['PT0S', 'P40D', '${ params.deadline }']) {
      const run = new Run(playbook({ initial: 'wait', states: { wait: { after: { [key]: 'over' } }, over: final } }), { deadline: 'PT4H' });
      expect(run.step.value).toBe('wait');
      expect(timers(run.step)).toHaveLength(1);
    }
  });

  it('take a time from the context, and one in the past fires at once with how late it is', () => {
    const of = playbook(
      { initial: 'wait', states: { wait: { after: { '${ context.note }': { target: 'over', assign: { note: '${ event }' } } } }, over: final } },
      { context: { ...CONTEXT, initial: { note: '${ event.due }' } } },
    );
    const run = new Run(of, {}, { ...STARTED, due: '2026-03-02T09:00:00Z' } as never);
    expect(run.step.commands).toEqual([{ type: 'arm-timer', timerId: 'wait.after0', due: later(-3_600_000), clock: 'wall' }]);
    run.timer('wait.after0', later(-3_600_000), AT);
    expect(run.step).toMatchObject({ value: 'over', context: { note: { due: '2026-03-02T09:00:00.000Z', lateMs: 3_600_000 } } });
  });

  it.each([7, 'tomorrow', '2026-03-02T10:00:00', 'P1M', null])('that are due at %j fail the step', (deadline) => {
    const of = playbook({ initial: 'wait', states: { wait: { after: { '${ params.deadline }': 'over' } }, over: final } });
    expect(() => of.start(STARTED, { deadline }, AT)).toThrow(PlaybookFailure);
  });

  it('are cancelled when their state is left, armed again when it names itself, and a fired one is not cancelled', () => {
    const run = new Run(playbook({ initial: 'wait', on: { go: '.over' }, states: { wait: { on: { again: 'wait' }, after: { PT1H: { actions: [] } } }, over: final } }));
    expect(timers(run.event('again', {}, later(5)))).toEqual([
      { type: 'cancel-timer', timerId: 'wait.PT1H' },
      { type: 'arm-timer', timerId: 'wait.PT1H', due: later(3_600_005), clock: 'wall' },
    ]);
    run.timer('wait.PT1H', later(3_600_005));
    expect(run.step).toMatchObject({ value: 'wait', commands: [] });
    expect(run.event('go')).toMatchObject({ status: 'done', commands: [] });
  });

  it('that were cancelled or have fired do nothing', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { go: 'b' }, after: { PT1H: 'over' } }, b: { on: { back: 'a' } }, over: final } }));
    run.event('go');
    expect(run.timer('a.PT1H', later(3_600_000))).toMatchObject({ changed: false, value: 'b', commands: [] });
    expect(run.timer('no.such', AT)).toMatchObject({ changed: false, value: 'b' });
  });

  it('tell their clock, and two of equal length in one state stay two', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { after: { P1D: { target: 'over', clock: 'business' }, PT24H: { target: 'over', clock: 'frozen' } } }, over: final } }));
    expect(timers(run.step)).toMatchObject([{ timerId: 'a.P1D', clock: 'business' }, { timerId: 'a.PT24H', clock: 'frozen' }]);
    expect(timers(run.timer('a.PT24H', later(86_400_000)))).toEqual([{ type: 'cancel-timer', timerId: 'a.P1D' }]);
  });
});

describe('invokes', () => {
  const acting = playbook({
    initial: 'act',
    on: { stop: '.stopped' },
    states: {
      act: { invoke: { id: 'one', src: 'test.act', input: { n: '${ context.n }', who: '${ event.incident.id }' }, timeout: 'PT30S', retry: { max: 1, on: ['TIMEOUT'] }, onDone: { target: 'over', assign: { note: '${ event.output.verify.state }' } }, onError: [{ guard: "${ event.error.code == 'TIMEOUT' }", target: 'act' }, { target: 'failed', assign: { note: '${ event.error }' } }] } },
      over: final, stopped: final, failed: final,
    },
  });

  it('become one command, and no more by storing and restoring the run', () => {
    const run = new Run(acting);
    expect(run.step.commands).toEqual([{ type: 'invoke', invokeId: 'one', src: 'test.act', input: { n: 0, who: 'inc-1' }, timeoutMs: 30_000, retry: { max: 1, backoffMs: 1_000, factor: 2, capMs: 300_000, on: ['TIMEOUT'] } }]);
    expect(run.event('unknown').commands).toEqual([]);
    expect(run.event('unknown')).toMatchObject({ changed: false, value: 'act' });
  });

  it('hand their output on, and are not cancelled when they have ended', () => {
    expect(new Run(acting).done('one')).toMatchObject({ value: 'over', context: { note: 'verified' }, commands: [] });
  });

  it('hand their error on as JSON', () => {
    expect(new Run(acting).error('one', 'REFUSED_BY_TARGET')).toMatchObject({ value: 'failed', context: { note: { code: 'REFUSED_BY_TARGET', message: 'no answer', retryable: true, attempts: 2 } } });
  });

  it('are asked for again by a state that names itself', () => {
    const run = new Run(acting);
    expect(() => run.error('one')).toThrow(PlaybookFailure);
    const retrying = playbook({ initial: 'act', states: { act: { invoke: { id: 'one', src: 'test.act', onDone: 'over', onError: 'act' } }, over: final } });
    expect(new Run(retrying).error('one')).toMatchObject({ value: 'act', commands: [{ type: 'invoke', invokeId: 'one' }] });
  });

  it('are cancelled when their state is left', () => {
    expect(new Run(acting).event('stop')).toMatchObject({ value: 'stopped', commands: [{ type: 'cancel-invoke', invokeId: 'one' }] });
  });

  it('end once: what arrives after their state was left, or twice, does nothing', () => {
    const staying = playbook({ initial: 'act', states: { act: { on: { go: 'away' }, invoke: { id: 'one', src: 'test.act', onDone: { assign: { n: '${ context.n + 1 }' } }, onError: 'over' } }, away: { on: { back: 'act' } }, over: final } });
    const run = new Run(staying);
    expect(run.done('one')).toMatchObject({ context: { n: 1 }, changed: true });
    expect(run.done('one')).toMatchObject({ context: { n: 1 }, changed: false });
    expect(run.error('one')).toMatchObject({ value: 'act', changed: false });
    expect(run.event('go').commands).toEqual([]);
    expect(run.done('one')).toMatchObject({ value: 'away', changed: false });
    expect(run.error('never')).toMatchObject({ changed: false });
  });

  it('whose error no branch takes fail the step and leave the run as it was', () => {
    const run = new Run(playbook({ initial: 'act', states: { act: { invoke: { id: 'one', src: 'test.act', onDone: 'over' } }, over: final } }));
    expect(() => run.error('one')).toThrow(/no onError of one applies to TIMEOUT/);
    expect(run.done('one')).toMatchObject({ value: 'over' });
  });

  it('of a state entered and left in one step come to nothing, its timers too', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { go: 'pass' } }, pass: { ...call('one', 'b'), after: { PT1H: 'b' }, entry: [{ type: 'test.tell', params: { n: '${ context.n }' } }], always: 'b' }, b: { after: { PT2H: 'failed' } }, failed: final } }));
    expect(run.event('go').commands).toEqual([{ type: 'notify', action: 'test.tell', input: { n: 0 } }, { type: 'arm-timer', timerId: 'b.PT2H', due: later(7_200_000), clock: 'wall' }]);
  });

  it('entered again through a history without being left are begun anew, once', () => {
    const run = new Run(playbook({ initial: 'work', states: { work: { initial: 'act', states: { act: { ...call('one', 'over'), on: { again: 'last' }, after: { PT1H: 'over' } }, over: {}, failed: {}, last: { type: 'history' } } } } }));
    expect(run.event('again').commands.map((command) => command.type)).toEqual(['cancel-timer', 'arm-timer', 'cancel-invoke', 'invoke']);
  });

  it('of parallel regions end one by one, and the rest is cancelled at the end', () => {
    const of = playbook({
      initial: 'both',
      states: {
        both: { type: 'parallel', onDone: 'over', on: { abort: 'failed' }, states: { left: { initial: 'go', states: { go: { invoke: { id: 'l', src: 'test.act', onDone: 'ok', onError: 'ok' } }, ok: final } }, right: { initial: 'go', states: { go: { invoke: { id: 'r', src: 'test.act', onDone: 'ok', onError: 'ok' }, after: { PT1H: 'ok' } }, ok: final } } } },
        over: { ...final, outcome: 'contained' }, failed: { ...final, outcome: 'failed' },
      },
    });
    const run = new Run(of);
    expect(run.done('l')).toMatchObject({ value: { both: { left: 'ok', right: 'go' } }, status: 'active' });
    expect(run.of.apply(run.stored, { kind: 'event', event: { type: 'abort' } }, AT)).toMatchObject({ outcome: 'failed', commands: [{ type: 'cancel-timer', timerId: 'both.right.go.PT1H' }, { type: 'cancel-invoke', invokeId: 'r' }] });
    expect(run.done('r')).toMatchObject({ value: 'over', outcome: 'contained', commands: [{ type: 'cancel-timer' }] });
  });
});

describe('events', () => {
  const forms = playbook({ initial: 'a', states: { a: { ...call('one', 'b'), on: { go: { guard: '${ event.n > 1 }', target: 'b' } }, after: { PT1H: 'b' } }, b: final, failed: final } });

  it.each(['xstate.done.actor.one', 'xstate.error.actor.one', 'xstate.after.a.PT1H.p.a', 'xstate.stop', 'xstate.init', '*', 'go.*'])('called %s are refused', (type) => {
    const run = new Run(forms);
    expect(() => run.event(type, { output: OUTPUT })).toThrow(PlaybookFailure);
    expect(forms.accepts(run.stored, { type }, AT)).toBe(false);
    expect(run.step.value).toBe('a');
  });

  it('are accepted where a transition would be taken', () => {
    const run = new Run(forms);
    expect(forms.accepts(run.stored, { type: 'go', n: 2 }, AT)).toBe(true);
    expect(forms.accepts(run.stored, { type: 'go', n: 1 }, AT)).toBe(false);
    expect(forms.accepts(run.stored, { type: 'gone' }, AT)).toBe(false);
  });

  it('do nothing to a run that has ended, a root transition included', () => {
    const run = new Run(playbook({ initial: 'a', on: { go: '.a' }, states: { a: { on: { end: 'over' } }, over: final } }));
    run.event('end');
    expect(run.of.accepts(run.stored, { type: 'go' }, AT)).toBe(false);
    expect(run.event('go')).toMatchObject({ status: 'done', value: 'over', changed: false });
  });

  it('count as taken when they only assign or only tell someone', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { tell: { actions: [{ type: 'test.tell' }] }, nothing: {} } } } }));
    expect(run.event('tell')).toMatchObject({ changed: true, commands: [{ type: 'notify', action: 'test.tell', input: {} }] });
    expect(run.event('nothing')).toMatchObject({ changed: false, commands: [] });
  });
});

describe('failures', () => {
  const failing = (transition: object) => playbook({ initial: 'a', states: { a: { on: { go: { target: 'b', ...transition } } }, b: {} } });

  it.each<[string, CompiledPlaybook]>([
    ['a guard that cannot be evaluated', failing({ guard: '${ event.missing.key }' })],
    ['a guard that is neither true nor false', failing({ guard: '${ 1 }' })],
    ['an assignment that cannot be evaluated', failing({ assign: { n: '${ event.missing.key }' } })],
    ['a value that the schema refuses', failing({ assign: { n: 6 } })],
    ['a member that the schema does not name', failing({ assign: { m: 1 } })],
    ['a nested member that the schema does not name', failing({ assign: { 'deep.b': 'x' } })],
    ['a member inside something that is no object', failing({ assign: { 'n.a': 1 } })],
    ['a member called __proto__', failing({ assign: { '__proto__.polluted': 1 } })],
  ])('%s fails the step', (_name, of) => {
    const run = new Run(of);
    const before = run.stored;
    expect(() => run.event('go')).toThrow(PlaybookFailure);
    expect(run.stored).toEqual(before);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('an endless cycle ends as a failure, at the start too', () => {
    const cycle: StateSource = { initial: 'a', states: { a: { on: { go: 'b' } }, b: { always: 'c' }, c: { always: 'b' } } };
    expect(() => new Run(playbook(cycle)).event('go')).toThrow(/1000/);
    expect(() => new Run(playbook({ ...cycle, initial: 'b' }))).toThrow(PlaybookFailure);
  });

  it('at the start are failures too', () => {
    expect(() => playbook({ initial: 'a', states: { a: {} } }, { context: { ...CONTEXT, initial: { n: 9 } } }).start(STARTED, {}, AT)).toThrow(/schema.*n/);
    expect(() => playbook({ initial: 'a', states: { a: { entry: [{ assign: { n: '${ event.missing.key }' } }] } } }).start(STARTED, {}, AT)).toThrow(PlaybookFailure);
  });

  it.each<[string, StateSource]>([
    ['a target that is not there', { initial: 'a', states: { a: { on: { go: 'nowhere' } } } }],
    ['no initial state', { states: { a: {} } }],
    ['an initial state that is not there', { initial: 'b', states: { a: {} } }],
    ['a history that goes nowhere', { initial: 'a', states: { a: {}, h: { type: 'history', target: 'b' } } }],
    ['an event name of XState', { initial: 'a', states: { a: { on: { 'xstate.stop': 'a' } } } }],
    ['a wildcard', { initial: 'a', states: { a: { on: { '*': 'a' } } } }],
    ['a state with a dot in its name', { initial: 'a', states: { a: {}, 'b.c': {} } }],
    ['two invokes of one id', { initial: 'a', states: { a: call('one', 'b'), b: call('one', 'a'), failed: final } }],
    ['a root transition to a sibling of the root', { initial: 'a', on: { go: 'a' }, states: { a: {} } }],
  ])('%s makes no machine', (_name, machine) => {
    expect(() => playbook(machine)).toThrow(PlaybookFailure);
  });

  it('a stored state of another playbook is refused', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: {} } }));
    const other = playbook({ initial: 'b', states: { b: { on: { go: 'b' } } } });
    expect(() => other.apply(run.stored, { kind: 'event', event: { type: 'go' } }, AT)).toThrow(/not one of this playbook/);
  });
});

describe('context', () => {
  it('is assigned from what it was before, and effects see what it is after', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { go: { target: 'b', assign: { n: '${ context.n + 1 }', note: '${ context.n }' }, actions: [{ type: 'test.tell', params: { n: '${ context.n }' } }] } } }, b: { entry: [{ assign: { n: '${ context.n + 1 }' } }, { assign: { 'deep.a': 'x', note: '${ context.n }' } }] } } }));
    expect(run.event('go')).toMatchObject({ context: { n: 2, note: 1, deep: { a: 'x' } }, commands: [{ input: { n: 1 } }] });
  });

  it('keeps data that looks like a reference to an actor', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { go: { assign: { note: '${ event.data }' } } } } } }));
    const data = { xstate$$type: 1, id: 'x', sessionId: 's', send: 1, ref: 2, list: [{ xstate$$type: 1, id: 'y' }] };
    run.event('go', { data });
    run.event('other');
    expect(run.step.context['note']).toEqual(data);
  });

  it('is stored small', () => {
    const run = new Run(playbook({ initial: 'act', states: { act: call('one', 'over'), over: final, failed: final } }));
    expect(JSON.stringify(run.step.state)).toBe('{"snapshot":{"status":"active","value":"act","context":{"n":0},"invokes":["one"],"timers":[]},"params":{}}');
  });
});

describe('structure', () => {
  it('history brings back what was active, shallow or deep, also after storing', () => {
    const of = (history: 'shallow' | 'deep') => playbook({
      initial: 'work',
      states: {
        work: { initial: 'one', on: { pause: 'paused' }, states: { one: { on: { next: 'two' } }, two: { initial: 'x', states: { x: { on: { next: 'y' } }, y: {} } }, last: { type: 'history', history } } },
        paused: { on: { resume: 'work.last' } },
      },
    });
    for (const [history, value] of [['shallow', { work: { two: 'x' } }], ['deep', { work: { two: 'y' } }]] as const) {
      const run = new Run(of(history));
      for (const event of ['next', 'next', 'pause', 'resume']) run.event(event);
      expect(run.step.value).toEqual(value);
    }
  });

  it('history without a past goes to its target', () => {
    const run = new Run(playbook({ initial: 'a', states: { a: { on: { go: 'work.last' } }, work: { initial: 'one', states: { one: {}, two: {}, last: { type: 'history', target: 'two' } } } } }));
    expect(run.event('go').value).toEqual({ work: 'two' });
  });

  it('a compound state ends by its final state, running exits on the way', () => {
    const run = new Run(playbook({ initial: 'outer', states: { outer: { initial: 'in', exit: [{ type: 'test.tell' }], states: { in: { on: { go: 'end' } }, end: final }, onDone: 'over' }, over: { ...final, outcome: 'released' } } }));
    expect(run.event('go')).toMatchObject({ status: 'done', outcome: 'released', commands: [{ type: 'notify', action: 'test.tell' }] });
  });

  it('a target with # counts from the root', () => {
    const run = new Run(playbook({ initial: 'outer', states: { outer: { initial: 'in', states: { in: { on: { go: '#over' } } } }, over: final } }));
    expect(run.event('go').value).toBe('over');
  });
});

describe('parameters and trigger', () => {
  const of = playbook({ initial: 'a', states: { a: {} } }, {
    params: { type: 'object', required: ['role'], properties: { role: { type: 'string' }, deadline: { type: 'string', format: 'duration', default: 'PT30M' } } },
    trigger: { on: 'incident.opened', when: '${ event.incident.risk >= params.floor }' },
  });

  it('fill defaults and name what does not fit', () => {
    const given = { role: 'approver' };
    expect(of.params(given)).toEqual({ role: 'approver', deadline: 'PT30M' });
    expect(given).toEqual({ role: 'approver' });
    expect(() => of.params({})).toThrow(expect.objectContaining({ code: 'respond.params_invalid', message: expect.stringContaining('role') }));
    expect(() => of.params({ role: 'a', deadline: '30 minutes' })).toThrow(/deadline/);
    expect(() => of.params({ role: 'a', dedline: 'PT1H' })).toThrow(/dedline/);
  });

  it('decide whether a run starts', () => {
    expect(of.triggers({ type: 'incident.opened', incident: { risk: 70 } }, { floor: 70 }, AT)).toBe(true);
    expect(of.triggers({ type: 'incident.opened', incident: { risk: 69 } }, { floor: 70 }, AT)).toBe(false);
  });
});
