import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { decodePageMark, encodePageMark } from './page-mark.js';
import { readInput, type InputFault } from './read-input.js';

const schema = z.strictObject({ limit: z.number(), nested: z.strictObject({ name: z.string() }).optional() });
const refuse = ({ field, detail }: InputFault) => new Error(`${field} | ${detail}`);

describe('readInput', () => {
  it('gives the parsed value', () => {
    expect(readInput(schema, { limit: 1 }, refuse)).toEqual({ limit: 1 });
  });

  it.each([
    [{}, /^limit \| limit: /],
    [{ limit: 1, nested: { nam: 'x', name: 'y' } }, /^nested\.nam \| nested\.nam: Unrecognized key/],
    [{ limit: 1, nested: { name: 1 } }, /^nested\.name \| /],
    ['text', /^ \| Invalid input/],
  ])('names the member at fault in %j', (input, fault) => {
    expect(() => readInput(schema, input, refuse)).toThrow(fault);
  });
});

describe('a page mark', () => {
  it('comes back as it went', () => {
    const mark = { at: new Date('2026-03-04T05:06:07.008Z'), id: '01900000-0000-7000-8000-000000000001' };
    expect(decodePageMark(encodePageMark(mark), refuse)).toEqual(mark);
  });

  it('is refused where it was made up', () => {
    expect(() => decodePageMark('bm9uc2Vuc2U', refuse, 'page')).toThrow('page | page: is not the `next` of an earlier page');
  });
});
