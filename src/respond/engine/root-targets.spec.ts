import { describe, expect, it } from '@jest/globals';
import { shortenRootTargets } from './root-targets.js';

describe('shortenRootTargets', () => {
  it('takes the name of the machine out of every place where a target can stand', () => {
    const machine = {
      initial: 'a',
      on: { 'incident.merged': '#contain.z' },
      states: {
        a: {
          initial: 'b',
          states: {
            b: {
              after: { PT1H: [{ guard: '${ true }', target: '#contain.z' }, '#contain.a.b'] },
              always: { target: '#contain.z' },
              invoke: { id: 'i', src: 'email.send', onDone: '#contain.z', onError: [{ target: '#contain.z' }] },
            },
          },
          onDone: '#contain.z',
        },
        z: { type: 'final' as const },
      },
    };
    const text = JSON.stringify(shortenRootTargets(machine, 'contain'));
    expect(text).not.toContain('#contain');
    expect(text.match(/#z/g)).toHaveLength(6);
    expect(text).toContain('"#a.b"');
  });

  it('leaves what is no target, and other targets, alone', () => {
    const machine = { initial: 'a', states: { a: { description: '#contain.z', on: { 'manual.go': '.b', 'manual.stop': '#z' } } } };
    expect(shortenRootTargets(machine, 'contain')).toEqual(machine);
  });

  it('lets a state that is named as the machine be meant', () => {
    const machine = { initial: 'contain', states: { contain: { always: '#contain.x', states: { x: {} } } } };
    expect(shortenRootTargets(machine, 'contain')).toBe(machine);
  });
});
