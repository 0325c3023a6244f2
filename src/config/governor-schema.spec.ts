import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './load-config.js';

const load = (respond: object) => loadConfig({ root: '/', overrides: { respond } }).respond;

describe('respond', () => {
  it('asks before anything destructive unless told otherwise, within caps', () => {
    expect(load({})).toMatchObject({
      modes: { destructive: 'ask', other: 'auto', notify: 'auto' },
      caps: { perHour: 20, reserve: 20, share: 1, shareWindow: 86_400_000 },
      cooldown: { period: 3_600_000 },
      protected: { own: [], refuse: [], ask: [], breakGlass: 'refuse', criticality: 'critical' },
      promotedRules: [],
    });
  });

  it('reads names of entities, whose type ends at the first colon, and ranges of addresses', () => {
    const names = ['account:root@example.com', 'ip:2001:db8::1', 'ip:192.0.2.0/24', 'endpoint:GET /v1:all'];
    expect(load({ protected: { refuse: names } }).protected.refuse).toEqual([
      { type: 'account', value: 'root@example.com' },
      { type: 'ip', value: '2001:db8::1' },
      { type: 'ip', value: '192.0.2.0/24', range: { address: '192.0.2.0', bits: 24 } },
      { type: 'endpoint', value: 'GET /v1:all' },
    ]);
  });

  it.each([['root@example.com'], ['user:root'], ['account:'], ['ip:192.0.2.0/40'], ['ip:intranet'], ['account: ']])('refuses %j, which would protect nobody', (name) => {
    expect(() => load({ protected: { refuse: [name] } })).toThrow(/respond\.protected\.refuse\.0/);
  });

  it.each([
    [{ policy: { suspend: { mode: 'ask' } } }, /respond\.policy/],
    [{ policy: { 'demo.suspend': { mode: 'always' } } }, /respond\.policy\.demo\.suspend\.mode/],
    [{ cooldown: { actions: { 'demo.suspend': 'soon' } } }, /'soon' is no duration/],
    [{ caps: { share: 101 } }, /respond\.caps\.share/],
    [{ caps: { perHour: -1 } }, /respond\.caps\.perHour/],
  ])('refuses %j', (respond, message) => {
    expect(() => load(respond)).toThrow(message);
  });
});
