import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { DatabaseAction } from '../../kernel/index.js';
import { defineAction, defineConnector, type ConnectorAction } from '../../sdk/index.js';
import { BUILT_INS } from '../engine/built-ins.js';
import { ActionRegistry } from './action-registry.js';
import { toActionResponse } from './action.schema.js';
import { describeActions } from './describe-actions.js';

const config = z.strictObject({ door: z.string() });

const action = (id: `${string}.${string}`, undo: string): ConnectorAction =>
  defineAction({
    id, title: id, effectClass: 'convergent', destructive: false, timeout: '1s', config,
    input: z.strictObject({}),
    result: z.strictObject({ door: z.string() }),
    entities: () => [],
    do: async (call) => ({ result: { door: call.config.door } }),
    verify: { none: 'a test' },
    undo: { action: undo, input: () => ({}) },
  });

const acme = defineConnector({ id: 'acme', title: 'Acme', evidence: 'D', config, actions: [action('acme.lock', 'acme.open'), action('acme.open', 'acme.lock')] });
const other = defineConnector({ id: 'other', title: 'Other', evidence: 'D', config, actions: [action('other.lock', 'other.lock')] });
const unreachable = () => Promise.reject(new Error('no network'));
const parts = { connectors: [acme, other], config: { acme: { door: 'front' } }, http: { request: unreachable }, dialer: { connect: unreachable } };
const inDatabase: DatabaseAction = {
  id: 'breach.note', title: 'Note', effectClass: 'in-database', destructive: false, notify: false, input: {}, result: {}, verification: { none: 'a test' }, undo: { none: 'a test' }, timeoutMs: 1,
  do: async () => ({ result: {}, already: false }),
};

describe('ActionRegistry', () => {
  it('binds the actions of configured connectors and lists the others', async () => {
    const registry = new ActionRegistry(parts);
    registry.register(inDatabase);
    expect(registry.list().map(({ id }) => id)).toEqual(['acme.lock', 'acme.open', 'breach.note']);
    expect(registry.find('other.lock')).toBeUndefined();
    expect(registry.statuses().map(({ description: { id }, configured }) => [id, configured])).toEqual([['acme.lock', true], ['acme.open', true], ['breach.note', true], ['other.lock', false]]);
    const lock = registry.find('acme.lock');
    if (!lock || lock.effectClass === 'in-database') throw new Error('acme.lock is not bound');
    expect((await lock.do({ input: {}, key: 'k', attempt: 1, now: new Date(0), signal: new AbortController().signal })).result).toEqual({ door: 'front' });
  });

  it('refuses two actions of one id', () => {
    expect(() => new ActionRegistry(parts).register({ ...inDatabase, id: 'other.lock' })).toThrow(TypeError);
    expect(() => new ActionRegistry(parts).register({ ...inDatabase, id: 'acme.lock' })).toThrow(TypeError);
  });

  it('is shown without functions', () => {
    const [shown] = new ActionRegistry(parts).statuses().map(toActionResponse);
    expect(shown).toEqual(JSON.parse(JSON.stringify(shown)));
    expect(shown).toMatchObject({ id: 'acme.lock', effect_class: 'convergent', timeout_seconds: 1, undo: { action: 'acme.open' } });
  });
});

describe('describeActions', () => {
  it('needs no configuration and knows the built-ins', () => {
    const all = describeActions([acme], [...BUILT_INS, inDatabase]);
    expect(all.list().map(({ id }) => id)).toEqual(['acme.lock', 'acme.open', 'breach.note', 'core.approval', 'core.undo']);
    expect(all.find('acme.lock')).not.toHaveProperty('do');
  });

  it('refuses an undo that nothing carries out', () => {
    expect(() => describeActions([other], [{ ...inDatabase, undo: { action: 'breach.forget' } }])).toThrow(/taken back by breach\.forget/);
    expect(() => describeActions([acme, acme])).toThrow(/two actions/);
  });
});
