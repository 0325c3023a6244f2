import { describe, expect, it } from '@jest/globals';
import type { Tx } from '../../kernel/index.js';
import { KillSwitches, type KillSwitchesParts } from './kill-switches.js';

const engaged = (scope: string) => ({ scope, engaged: true, reason: 'a test', by: 'person:ann', at: new Date(0) });

/** Counts reads; each gives what is on when it is sent. */
function setUp() {
  const on: string[] = [];
  const read = { count: 0 };
  const rows = (): Promise<object[]> => {
    read.count += 1;
    return Promise.resolve(on.map(engaged));
  };
  const switches = new KillSwitches({ database: { prepared: rows } } as unknown as KillSwitchesParts);
  const tx = (): Tx => ({ now: new Date(0), query: rows }) as unknown as Tx;
  return { on, read, switches, tx };
}

describe('KillSwitches', () => {
  it('shares one read among those who ask at the same moment, and each gets its own scopes in order', async () => {
    const { on, read, switches } = setUp();
    on.push('demo.suspend', 'all', 'notify');
    const [first, second] = await Promise.all([switches.engaged(['all', 'other', 'demo.suspend']), switches.engaged(['destructive'])]);
    expect(first.map(({ scope }) => scope)).toEqual(['all', 'demo.suspend']);
    expect(second).toEqual([]);
    expect(read.count).toBe(1);
  });

  it('sees a switch that was set before it was asked, whatever was read before', async () => {
    const { on, switches } = setUp();
    const before = switches.engaged(['all']);
    expect(await before).toEqual([]);
    on.push('all');
    expect(await switches.engaged(['all'])).toHaveLength(1);
  });

  it('reads once a transaction what is seen in it, and anew what is asked anew', async () => {
    const { on, read, switches, tx } = setUp();
    const [one, other] = [tx(), tx()];
    expect(await switches.seenIn(one, ['all'])).toEqual([]);
    on.push('all');
    expect(await switches.seenIn(one, ['all'])).toEqual([]);
    expect(read.count).toBe(1);
    expect(await switches.engagedIn(one, ['all'])).toHaveLength(1);
    expect(await switches.seenIn(other, ['all'])).toHaveLength(1);
  });
});
