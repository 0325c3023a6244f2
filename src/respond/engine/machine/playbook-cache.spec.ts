import { expect, it } from '@jest/globals';
import type { PlaybookSource } from '../playbook-source.js';
import { PlaybookCache } from './playbook-cache.js';

const source: PlaybookSource = {
  format: 'cordon.playbook/1', id: 'p', version: '1.0.0', title: 'P', trigger: { on: 'manual' },
  context: { schema: {}, initial: {} }, machine: { initial: 'a', states: { a: {} } },
};

it('keeps the playbooks used last, each compiled once', () => {
  const cache = new PlaybookCache(2);
  const [a, b] = ['a', 'b'].map((hash) => cache.compile(source, hash));
  expect(cache.compile(source, 'a')).toBe(a);
  cache.compile(source, 'c');
  expect(cache.get('a')).toBe(a);
  expect(cache.get('b')).toBeUndefined();
  expect(cache.compile(source, 'b')).not.toBe(b);
});
