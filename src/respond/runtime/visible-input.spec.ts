import { describe, expect, test } from '@jest/globals';
import type { ActionDescription, JsonObject } from '../../kernel/index.js';
import { visibleInput } from './visible-input.js';

const hidden = { type: 'string', writeOnly: true };
const closed = (properties: JsonObject, more: JsonObject = {}) => ({ type: 'object', properties, additionalProperties: false, ...more });
const seen = (schema: JsonObject, input: JsonObject) => visibleInput({ find: (id) => (id === 'door.lock' ? ({ input: schema } as unknown as ActionDescription) : undefined) }, 'door.lock', input);

describe('the input that may be seen', () => {
  test.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['a member', { pin: hidden, door: {} }, { pin: '1234', door: 'front' }, { pin: '[redacted]', door: 'front' }],
    ['a list', { grants: { type: 'array', items: {}, writeOnly: true } }, { grants: ['a', 'b'] }, { grants: '[redacted]' }],
    ['items', { grants: { type: 'array', items: hidden } }, { grants: ['a'] }, { grants: ['[redacted]'] }],
    ['items by place', { pair: { prefixItems: [{}, hidden], items: hidden } }, { pair: ['a', 'b', 'c'] }, { pair: ['a', '[redacted]', '[redacted]'] }],
    ['what lies deeper', { at: { type: 'object', properties: { pin: hidden } } }, { at: { pin: '1' } }, { at: { pin: '[redacted]' } }],
    ['members of any name', { at: { type: 'object', additionalProperties: hidden } }, { at: { x: '1' } }, { at: { x: '[redacted]' } }],
    ['an alternative', { at: { anyOf: [{ type: 'null' }, { oneOf: [hidden] }] } }, { at: 'x' }, { at: '[redacted]' }],
    ['what a reference leads to', { at: { $ref: '#/$defs/pin' } }, { at: 'x' }, { at: '[redacted]' }],
    ['nothing', { at: { anyOf: [{ type: 'null' }, hidden] } }, { at: null }, { at: null }],
  ])('is without %s that the schema marks', (_, properties, input, shown) => {
    expect(seen(closed(properties, { $defs: { pin: hidden } }), input)).toEqual(shown);
  });

  test.each(['token', 'tokens', 'accessToken', 'refresh_tokens', 'password', 'passwords', 'api_keys', 'clientSecret', 'cookies'])('is without %s, whatever the schema says', (name) => {
    expect(seen(closed({ [name]: {}, user: {} }), { user: 'ann', [name]: ['planted'] })).toEqual({ user: 'ann', [name]: '[redacted]' });
  });

  test('of an unknown action is names alone', () => {
    expect(visibleInput({ find: () => undefined }, 'door.lock', { user: 'ann', at: [{ n: 1 }, null] })).toEqual({ user: '[redacted]', at: [{ n: '[redacted]' }, null] });
  });

  test('of a step that the runtime carries out itself is as the playbook gives it', () => {
    expect(visibleInput({ find: () => undefined }, 'core.undo', { scope: 'all' })).toEqual({ scope: 'all' });
  });

  test('ends where a schema refers to itself', () => {
    const node = { type: 'object', properties: { next: { $ref: '#' }, pin: hidden } };
    expect(seen(node, { next: { next: { pin: '1' } } })).toEqual({ next: { next: { pin: '[redacted]' } } });
  });
});
