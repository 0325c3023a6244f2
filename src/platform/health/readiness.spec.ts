import { describe, expect, it, jest } from '@jest/globals';
import { Readiness } from './readiness.js';

function make() {
  const log = jest.fn();
  return { log, readiness: new Readiness(log) };
}

describe('Readiness', () => {
  it('is ready while every check passes and names the one that does not', async () => {
    const { readiness } = make();
    readiness.register('database', () => undefined);
    expect(await readiness.state()).toEqual({ ready: true, components: [{ name: 'database', ready: true }] });
    readiness.register('log', () => Promise.reject(new Error('down')));
    expect(await readiness.state()).toEqual({ ready: false, components: [{ name: 'database', ready: true }, { name: 'log', ready: false }] });
  });

  it('logs a component once when it turns, in both directions', async () => {
    const { readiness, log } = make();
    let broken = true;
    readiness.register('log', () => {
      if (broken) throw new Error('down');
    });
    await readiness.state();
    await readiness.state();
    broken = false;
    await readiness.state();
    expect(log.mock.calls.map(([event]) => event)).toEqual(['health.component_not_ready', 'health.component_recovered']);
  });

  it('is not ready while it drains', async () => {
    const { readiness } = make();
    readiness.drain();
    expect((await readiness.state()).ready).toBe(false);
  });
});
