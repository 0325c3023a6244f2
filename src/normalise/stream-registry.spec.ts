import { expect, test } from '@jest/globals';
import { defineConnector, defineSource } from '../sdk/index.js';
import { StreamRegistry } from './stream-registry.js';

const source = (stream: `${string}.${string}`) => defineSource({
  stream, title: stream, class: 'generic', delivery: 'push', logsources: [], recognisedBy: ['a'], constants: {}, fields: {},
});
const connector = (id: string, ...streams: `${string}.${string}`[]) => defineConnector({ id, title: id, evidence: 'D', sources: streams.map(source) });

test('streams are found and listed by name', () => {
  const registry = new StreamRegistry([connector('b', 'b.two', 'b.one'), connector('a', 'a.one')]);
  expect(registry.list().map(({ stream }) => stream)).toEqual(['a.one', 'b.one', 'b.two']);
  expect(registry.require('b.two').stream).toBe('b.two');
  expect(registry.find('b.three')).toBeUndefined();
});

test('an unknown stream is refused with the nearest name', () => {
  const registry = new StreamRegistry([connector('a', 'a.access', 'a.audit')]);
  expect(() => registry.require('a.acess')).toThrow(/'a\.acess'; the nearest is 'a\.access'/);
  expect(() => new StreamRegistry([]).require('a.b')).toThrow(expect.objectContaining({ code: 'normalise.unknown_stream' }));
});

test('one name belongs to one source', () => {
  const twice = (): StreamRegistry => new StreamRegistry([connector('a', 'a.one'), connector('b', 'a.one')]);
  expect(twice).toThrow(/a\.one, again in connector b/);
  expect(twice).toThrow(expect.objectContaining({ code: 'normalise.duplicate_stream' }));
});
