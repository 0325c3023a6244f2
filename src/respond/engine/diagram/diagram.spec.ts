import { expect, it } from '@jest/globals';
import type { PlaybookSource } from '../playbook-source.js';
import { mermaidOf, statesTable } from './index.js';

const source: PlaybookSource = {
  format: 'cordon.playbook/1', id: 'p', version: '1.0.0', title: 'P', trigger: { on: 'manual' }, context: { schema: {}, initial: {} },
  machine: {
    initial: 'act',
    on: { 'incident.closed': { guard: "${ event.verdict == 'a;b' }", target: '.done' } },
    states: {
      act: { description: 'tries | first', invoke: { id: 'one', src: 'test.act', onDone: [{ guard: '${ context.n > 1 }', target: 'both' }, 'done'], onError: 'done' } },
      both: { type: 'parallel', onDone: 'done', states: { l: { initial: 'x', states: { x: { after: { PT1H: '#done' } }, back: { type: 'history', history: 'deep' } } }, r: { on: { 'manual.note': { actions: [] } } } } },
      done: { type: 'final', outcome: 'contained' },
    },
  },
};

it('a diagram shows every state within its parent, and arrows once with all their causes', () => {
  expect(mermaidOf(source)).toBe(`stateDiagram-v2
  [*] --> s_act
  state "act<br>test.act" as s_act
  state "both" as s_both
  state s_both {
    state "l" as s_both__l
    state s_both__l {
      [*] --> s_both__l__x
      state "x" as s_both__l__x
      state "H*" as s_both__l__back
    }
    --
    state "r" as s_both__r
  }
  state "done" as s_done
  s_done --> [*]: contained
  state "any state" as any_state
  any_state --> s_done: on incident.closed [event.verdict == 'a#59;b']
  s_act --> s_both: one done [context.n > 1]
  s_act --> s_done: one done<br>one error
  s_both --> s_done: done
  s_both__l__x --> s_done: after PT1H
`);
});

it('a table says what each state does and where it goes', () => {
  expect(statesTable(source).split('\n')).toEqual(expect.arrayContaining([
    "| any state | one inside at a time |  | on incident.closed [event.verdict == 'a;b'] → done |",
    '| act | `test.act` | tries \\| first | one done [context.n > 1] → both<br>one done → done<br>one error → done |',
    '| both | all inside, side by side |  | done → done |',
    '| both.r | waits |  | on manual.note → stays |',
    '| done | ends: contained |  |  |',
  ]));
});
