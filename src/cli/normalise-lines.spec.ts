import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitLines } from './normalise-lines.js';

async function split(chunks: readonly Buffer[]): Promise<string[]> {
  async function* source(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const batch of splitLines(source())) lines.push(...batch.map((line) => line.toString('utf8')));
  return lines;
}

test('only a line feed ends a line', async () => {
  expect(await split([Buffer.from('a\rb\u2028c\u0000d\n\ne')])).toEqual(['a\rb\u2028c\u0000d', '', 'e']);
  expect(await split([Buffer.from('a\n')])).toEqual(['a']);
  expect(await split([])).toEqual([]);
});

test('where the chunks end makes no difference', async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r') }), fc.array(fc.nat(40)), async (text, cuts) => {
    const bytes = Buffer.from(text);
    const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    const chunks = [0, ...ends].map((start, i) => bytes.subarray(start, [...ends, bytes.length][i]));
    const whole = text === '' ? [] : text.replace(/\n$/, '').split('\n');
    expect(await split(chunks)).toEqual(text === '\n' ? [''] : whole);
  }));
});
