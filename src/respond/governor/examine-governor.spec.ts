import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../config/index.js';
import type { ActionDescription } from '../../kernel/index.js';
import { examineGovernor } from './examine-governor.js';
import { policyOf } from './governor-policy.js';

const SUSPEND = { id: 'demo.suspend-account', destructive: true } as ActionDescription;
const actions = { find: (id: string) => (id === SUSPEND.id ? SUSPEND : undefined), list: () => [SUSPEND] };
const PROTECTED = { own: ['account:cordon'], refuse: ['account:root'] };

const settings = (respond: object, breakGlass: number | undefined = 0) =>
  examineGovernor(policyOf(loadConfig({ root: '/', overrides: { respond } })), actions, breakGlass).map(({ setting }) => setting);

describe('examineGovernor', () => {
  it('finds nothing where people are protected and nothing runs by itself', () => {
    expect(settings({ protected: PROTECTED })).toEqual([]);
    expect(settings({ protected: { own: PROTECTED.own } }, 2)).toEqual([]);
  });

  it('finds that nobody is protected', () => {
    expect(settings({})).toEqual(['respond.protected.own', 'respond.protected']);
    expect(settings({}, undefined)).toEqual(['respond.protected.own', 'respond.protected']);
  });

  it('finds wide caps, a missing reserve and a missing cool-down where something destructive runs by itself', () => {
    const wide = { protected: PROTECTED, caps: { perHour: 10_000, share: 50, reserve: 0 }, cooldown: { period: '0s' } };
    const found = ['respond.caps.perHour', 'respond.caps.share', 'respond.caps.reserve', 'respond.cooldown.period'];
    expect(settings(wide)).toEqual([]);
    expect(settings({ ...wide, modes: { destructive: 'auto' } })).toEqual(found);
    expect(settings({ ...wide, policy: { [SUSPEND.id]: { mode: 'auto' } } })).toEqual(found);
  });

  it('finds settings of actions that there are not, and what is irreversible by itself', () => {
    expect(settings({ protected: PROTECTED, policy: { 'demo.suspend-acount': { mode: 'observe' } }, caps: { actions: { 'demo.block-ip': 3 } } })).toEqual(['respond.policy', 'respond.caps.actions']);
    expect(settings({ protected: PROTECTED, policy: { [SUSPEND.id]: { mode: 'auto', irreversible: true } } })).toEqual([`respond.policy.${SUSPEND.id}.irreversible`]);
  });
});
