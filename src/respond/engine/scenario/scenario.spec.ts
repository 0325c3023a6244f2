import { describe, expect, it } from '@jest/globals';
import type { ActionDescription } from '../../../kernel/index.js';
import type { PlaybookSource } from '../playbook-source.js';
import { coverageOf, readScenario, runScenario } from './index.js';

const source: PlaybookSource = {
  format: 'cordon.playbook/1', id: 'p', version: '1.0.0', title: 'P',
  trigger: { on: 'incident.opened', when: '${ event.incident.risk >= 70 }' },
  params: { type: 'object', properties: { deadline: { type: 'string', default: 'PT30M' } } },
  context: { schema: { type: 'object', properties: { user: { type: 'string' }, tries: { type: 'integer' } } }, initial: { user: '${ event.incident.subject.id }', tries: 0 } },
  policy: { 'test.block': { mode: 'ask' } },
  machine: {
    initial: 'approve',
    on: { 'incident.merged': '.stopped', 'incident.closed': { guard: "${ event.verdict == 'false_positive' }", target: '.release' } },
    states: {
      approve: { invoke: { id: 'ask', src: 'core.approval', input: { role: 'approver', quorum: 2, deadline: '${ params.deadline }', approves: ['block'] }, onDone: [{ guard: "${ event.output.result.decision == 'approved' }", target: 'block' }, { target: 'refused', actions: [{ type: 'test.tell', params: { text: '${ event.output.result.decision }' } }] }], onError: 'failed' } },
      block: { invoke: { id: 'block', src: 'test.block', input: { user: '${ context.user }' }, timeout: 'PT30S', onDone: 'contained', onError: [{ guard: "${ event.error.code == 'TIMEOUT' && context.tries < 1 }", target: 'block', assign: { tries: '${ context.tries + 1 }' } }, { target: 'failed' }] } },
      contained: { after: { P7D: 'done' } },
      release: { invoke: { id: 'undo', src: 'core.undo', input: { scope: 'all' }, onDone: 'released', onError: 'failed' } },
      refused: { type: 'final', outcome: 'refused' }, failed: { type: 'final', outcome: 'failed' }, stopped: { type: 'final', outcome: 'cancelled' }, released: { type: 'final', outcome: 'released' }, done: { type: 'final', outcome: 'contained' },
    },
  },
};

const block: ActionDescription = {
  id: 'test.block', title: 'Block', effectClass: 'convergent', destructive: true, notify: false, verification: 'read-back', undo: { action: 'test.unblock' }, timeoutMs: 10_000, result: {},
  input: { type: 'object', required: ['user'], properties: { user: { type: 'string', minLength: 1 } }, additionalProperties: false },
};

const EVENT = 'event: { incident: { id: i, risk: 80, subject: { id: mara } } }';
const run = (text: string) => runScenario(source, readScenario('s.yaml', `title: s\n${EVENT}\n${text}\n`), (id) => (id === block.id ? block : undefined));
const APPROVED = 'happens: [{ after: PT5M, approve: ask, by: [kim] }, { after: PT5M, approve: ask, by: [lee] }]';

describe('scenario', () => {
  it('goes the way of two approvals, an action and a wait, on its own clock', () => {
    const { result, differences } = run('happens: [{ after: PT5M, approve: ask, by: [kim] }, { after: PT5M, approve: ask, by: [lee] }, { after: P7D }]\nexpect: { final: done, outcome: contained }');
    expect(differences).toEqual([]);
    expect(result).toMatchObject({
      states: ['approve', 'block', 'contained', 'done'],
      effects: [{ invoke: 'block', action: 'test.block', input: { user: 'mara' }, at: 'PT10M', status: 'done' }],
      timers: [{ id: 'contained.P7D', due: 'P7D', clock: 'wall', status: 'fired' }],
      approvals: [{ invoke: 'ask', asked: 'playbook', role: 'approver', quorum: 2, deadline: 'PT30M', onDeadline: 'refuse', approves: ['block'], decision: 'approved' }],
      facts: [{ type: 'run.started' }, { type: 'approval.decided', invoke: 'ask' }, { type: 'effect.done', invoke: 'block' }, { type: 'run.finished', outcome: 'contained' }],
    });
  });

  it('lets no timer pass that is not due', () => {
    expect(run(`${APPROVED.replace(/\]$/, ', { after: P6DT23H59M59S }]')}\nexpect: { final: contained }`).differences).toEqual([]);
  });

  it('gives up at the deadline, and is refused by one refusal', () => {
    expect(run('happens: [{ after: PT29M59S }]\nexpect: { final: approve }').differences).toEqual([]);
    expect(run('happens: [{ after: PT30M }]\nexpect: { final: refused, effects: [{ action: test.tell, input: { text: expired } }] }').differences).toEqual([]);
    expect(run('happens: [{ approve: ask }, { refuse: ask, by: [lee] }]\nexpect: { final: refused, approvals: [{ decision: refused }] }').differences).toEqual([]);
    expect(run('happens: [{ approve: ask, by: [kim] }, { approve: ask, by: [kim] }]\nexpect: { final: approve }').differences).toEqual([]);
  });

  it('answers in turn: once too late, once for good', () => {
    const { result, differences } = run(`${APPROVED}\nreplies: { block: [{ done: {}, after: PT31S }, done] }\nexpect: { final: contained, context: { tries: 1 } }`);
    expect(differences).toEqual([]);
    expect(result.effects).toMatchObject([{ status: 'failed', code: 'TIMEOUT', at: 'PT10M' }, { status: 'done', at: 'PT10M30S' }]);
  });

  it('knows the ways in which an action ends', () => {
    const ends = (reply: string) => run(`${APPROVED}\nreplies: { block: ${reply} }\nexpect: {}`).result;
    expect(ends('{ done: { verify: not, why: still there } }')).toMatchObject({ final: 'failed', effects: [{ code: 'VERIFY_FAILED' }] });
    expect(ends('{ done: { verify: unverifiable } }').final).toBe('contained');
    expect(ends('{ error: REFUSED_BY_TARGET }')).toMatchObject({ final: 'failed', effects: [{ code: 'REFUSED_BY_TARGET' }] });
    expect(ends('timeout').effects).toMatchObject([{ code: 'TIMEOUT' }, { code: 'TIMEOUT' }]);
    expect(ends('{ done: {}, rateLimited: PT20S }')).toMatchObject({ final: 'contained', effects: [{ status: 'done' }] });
    expect(ends('{ done: {}, rateLimited: PT31S }')).toMatchObject({ final: 'failed' });
  });

  it('asks in the name of the governor for what no approval covers, and does not call in lesser modes', () => {
    const uncovered = structuredClone(source) as { machine: { initial: string } } & PlaybookSource;
    uncovered.machine.initial = 'block';
    const go = (text: string) => runScenario(uncovered, readScenario('s.yaml', `title: s\n${EVENT}\n${text}\n`)).result;
    expect(go('expect: {}')).toMatchObject({ final: 'block', approvals: [{ invoke: 'block', asked: 'governor', decision: 'open' }], effects: [{ status: 'waiting' }] });
    expect(go('happens: [{ approve: block }]\nexpect: {}')).toMatchObject({ final: 'contained' });
    expect(go('happens: [{ refuse: block }]\nexpect: {}')).toMatchObject({ final: 'failed', effects: [{ code: 'APPROVAL_DENIED' }] });
    expect(go('governor: { test.block: observe }\nexpect: {}')).toMatchObject({ final: 'failed', approvals: [], effects: [{ code: 'GOVERNOR_REFUSED' }] });
    expect(run(`${APPROVED}\nexpect: {}`).result.approvals).toHaveLength(1);
    expect(go('governor: { test.block: auto }\nhappens: [{ event: incident.merged }]\nexpect: {}')).toMatchObject({ final: 'stopped', approvals: [{ decision: 'withdrawn' }], effects: [{ status: 'cancelled' }] });
  });

  it('takes back what was done, and lists it', () => {
    const { result } = run(`${APPROVED.replace(/\]$/, ', { event: incident.closed, with: { verdict: false_positive } }]')}\nexpect: {}`);
    expect(result).toMatchObject({ outcome: 'released', effects: [{ invoke: 'block' }, { invoke: 'undo' }, { action: 'test.unblock', undoes: 'block' }], timers: [{ status: 'cancelled' }] });
    expect(result.facts).toContainEqual({ type: 'effect.undone', invoke: 'block', action: 'test.unblock' });
  });

  it('refuses an input that does not fit the action', () => {
    const bad = { ...source, context: { ...source.context, initial: { user: '', tries: 0 } } };
    const { result } = runScenario(bad, readScenario('s.yaml', `title: s\n${EVENT}\n${APPROVED}\nexpect: {}`), () => block);
    expect(result).toMatchObject({ final: 'failed', effects: [{ code: 'INPUT_INVALID' }] });
  });

  it('tells events that nothing waited for', () => {
    expect(run('happens: [{ event: incident.closed, with: { verdict: true_positive } }]\nexpect: { final: approve, ignored: [incident.closed] }').differences).toEqual([]);
  });

  it.each([
    ['a trigger that does not hold', 'params: {}\nexpect: {}', /condition/, { incident: { risk: 10, subject: { id: 'x' } } }],
    ['an event that lacks what the playbook reads', 'expect: {}', /risk/, { incident: {} }],
    ['a vote that nobody asked for', 'happens: [{ approve: block }]\nexpect: {}', /nobody asks for block/, undefined],
  ])('fails on %s', (_what, text, message, event) => {
    const scenario = readScenario('s.yaml', `title: s\n${EVENT}\n${text}`);
    const { result, differences } = runScenario(source, event ? { ...scenario, event: event } : scenario);
    expect(result.failure).toMatch(message);
    expect(differences).toHaveLength(1);
  });

  it('ends a run that never comes to rest', () => {
    const loop: PlaybookSource = { ...source, machine: { initial: 'a', states: { a: { invoke: { id: 'x', src: 'test.x', onDone: 'a', onError: 'a' } } } } };
    expect(runScenario(loop, readScenario('s.yaml', `title: s\n${EVENT}\nexpect: { failure: come to rest }`)).differences).toEqual([]);
  });

  it('says what differs, place by place', () => {
    const { differences } = run(`${APPROVED}\nexpect: { final: done, states: [approve, block], effects: [{ input: { user: kim } }, { action: test.tell }], failure: no such }`);
    expect(differences).toEqual([
      'failure: expected "no such", got none',
      'states[2]: not expected, got "contained"',
      'effects[0].input.user: expected "kim", got "mara"',
      'effects[1]: expected {"action":"test.tell"}, got nothing',
      'final: expected "done", got "contained"',
    ]);
  });

  it('counts the states and transitions passed', () => {
    const results = [run(`${APPROVED}\nexpect: {}`).result, run('happens: [{ event: incident.merged }]\nexpect: {}').result];
    const { states, transitions } = coverageOf(source, results);
    expect(states).toMatchObject({ total: 9, missed: ['release', 'refused', 'failed', 'released', 'done'] });
    expect(transitions.total).toBe(11);
    expect(transitions.missed).toContain('approve: ask done [2]');
    expect(transitions.missed).not.toContain('machine: on incident.merged');
  });

  it('counts a transition whose delay is an expression', () => {
    const timed: PlaybookSource = { ...source, machine: { initial: 'a', states: { a: { after: { "${ duration('PT1H') }": 'b' } }, b: { type: 'final', outcome: 'failed' } } } };
    const { result } = runScenario(timed, readScenario('s.yaml', `title: s\n${EVENT}\nhappens: [{ after: PT1H }]\nexpect: {}`));
    expect(coverageOf(timed, [result]).transitions).toEqual({ total: 1, missed: [], percent: 100 });
  });

  it.each([
    ['no YAML', 'title: [', /s\.yaml/],
    ['a misspelt key', `title: s\n${EVENT}\nexpect: {}\nhappen: []`, /happen/],
    ['a length of time that is none', `title: s\n${EVENT}\nhappens: [{ after: 5m }]\nexpect: {}`, /happens/],
    ['no expectation', `title: s\n${EVENT}`, /expect/],
  ])('a file with %s is refused by name', (_what, text, message) => {
    expect(() => readScenario('s.yaml', text)).toThrow(expect.objectContaining({ code: 'respond.scenario_invalid', message: expect.stringMatching(message) }));
  });
});
