import { describe, expect, it, jest } from '@jest/globals';
import { Lifecycle, type Phase } from './lifecycle.js';

function recording() {
  const calls: string[] = [];
  const log = jest.fn();
  const lifecycle = new Lifecycle(log);
  const add = (name: string, phase: Phase, stop?: () => void) =>
    lifecycle.register({ name, phase, start: () => void calls.push(`+${name}`), stop: () => (stop?.(), void calls.push(`-${name}`)) });
  return { calls, log, lifecycle, add };
}

describe('Lifecycle', () => {
  it('starts by phase whatever the order of registration, and stops in reverse', async () => {
    const { calls, lifecycle, add } = recording();
    add('committer', 'intake');
    add('pool', 'database');
    add('detect', 'workers');
    await lifecycle.start();
    await lifecycle.stop();
    expect(calls).toEqual(['+pool', '+detect', '+committer', '-committer', '-detect', '-pool']);
  });

  it('stops the others when one fails, and says which', async () => {
    const { calls, log, lifecycle, add } = recording();
    add('pool', 'database');
    add('detect', 'workers', () => {
      throw new Error('stuck');
    });
    await lifecycle.start();
    await lifecycle.stop();
    expect(calls).toContain('-pool');
    expect(log).toHaveBeenCalledWith('lifecycle.stop_failed', expect.objectContaining({ component: 'detect' }));
  });

  it('stops only what was started', async () => {
    const { calls, lifecycle, add } = recording();
    add('pool', 'database');
    lifecycle.register({ name: 'broken', phase: 'maintenance', start: () => Promise.reject(new Error('no')) });
    add('detect', 'workers');
    await expect(lifecycle.start()).rejects.toThrow('no');
    await lifecycle.stop();
    expect(calls).toEqual(['+pool', '-pool']);
  });
});
