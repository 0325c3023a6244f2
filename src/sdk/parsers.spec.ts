import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { isCordonError } from '../kernel/index.js';
import { EcsDraft } from './mapping/ecs-draft.js';
import { jsonBySchema, jsonOrLine, type RecordParser } from './parsers.js';

const codeOf = (parse: RecordParser, text: string): string => {
  try {
    parse(text, new EcsDraft(new Date()));
    return 'none';
  } catch (error) {
    return isCordonError(error) ? error.code : String(error);
  }
};

describe('jsonOrLine', () => {
  const parse = jsonOrLine((line) => (line.startsWith('a=') ? { a: line.slice(2) } : undefined));

  test('reads what it knows', () => {
    expect(parse(' {"a":"1"} ', new EcsDraft(new Date()))).toEqual({ a: '1' });
    expect(parse('a=1\r', new EcsDraft(new Date()))).toEqual({ a: '1' });
    expect([codeOf(parse, 'b=1'), codeOf(parse, '{"a"')]).toEqual(['record.unreadable_line', 'record.invalid_json']);
  });
});

describe('jsonBySchema', () => {
  const schema = z.strictObject({ time: z.string(), size: z.int().optional(), user: z.strictObject({ id: z.string().optional() }).optional(), ids: z.array(z.string()).optional() });
  const parse = jsonBySchema(schema, ['time']);

  test('a required value that is missing or wrong makes the record unreadable', () => {
    expect([codeOf(parse, '{}'), codeOf(parse, '{"time":1}'), codeOf(parse, '{"time":"t"}')]).toEqual(['record.missing_field', 'record.missing_field', 'none']);
  });

  test('any other wrong value is set aside and the rest stays', () => {
    const draft = new EcsDraft(new Date());
    const record = parse('{"time":"t","size":"1","user":{"id":2,"more":3},"ids":["a",5],"extra":{}}', draft);
    expect(record).toMatchObject({ time: 't', size: null, user: { id: null }, ids: ['a', null] });
    expect(draft.finish()['cordon']).toMatchObject({
      unmapped: { record: { size: '1', user: { id: 2 }, ids: { 1: 5 } } },
      warnings: expect.arrayContaining([expect.stringContaining('user.more'), expect.stringContaining('extra')]),
    });
  });
});
