import { describe, expect, test } from '@jest/globals';
import { normaliseRecord } from './engine/normalise-record.js';
import { defineSource, type SourceDefinition } from './source.js';

const definition: SourceDefinition = {
  stream: 'example.calls',
  title: 'Example',
  class: 'gateway',
  delivery: 'push',
  logsources: [{ category: 'webserver' }],
  recognisedBy: ['when', 'who'],
  constants: { 'event.category': ['web'] },
  fields: { '@timestamp': 'when', 'user.name': ['who', 'login'] },
};
const context = { receivedAt: new Date('2026-02-01T00:00:00Z'), recordId: 'r1' };
const run = (change: Partial<SourceDefinition>, text: string) => normaliseRecord(defineSource({ ...definition, ...change }), Buffer.from(text), context);

describe('defineSource', () => {
  test.each([
    [{ stream: 'Example.calls' }, /not <package>\.<stream>/],
    [{ stream: 'source.calls' }, /ECS fields below 'source'/],
    [{ constants: { 'event.kind': 'incident' } }, /does not fit event\.kind/],
    [{ fields: { 'no.such.field': 'a' } }, /no field 'no\.such\.field'/],
    [{ dlp: { 'no.such': 'a' } }, /no field 'no\.such'/],
  ] as const)('refuses %j', (change, message) => {
    expect(() => defineSource({ ...definition, ...change } as SourceDefinition)).toThrow(message);
  });

  test('every stream can be addressed by its name and by its class', () => {
    expect(defineSource(definition).logsources).toEqual([{ category: 'webserver' }, { product: 'cordon', category: 'gateway', service: 'example.calls' }]);
  });
});

describe('normaliseRecord', () => {
  test('gives what every event has, and the record under the vendor namespace', () => {
    expect(run({}, '{"when":1768469400,"who":"-","login":"ann","extra":{"a":null,"b":1}}')).toEqual({
      kind: 'event',
      document: {
        '@timestamp': '2026-01-15T09:30:00.000Z',
        ecs: { version: '9.4.0' },
        data_stream: { type: 'logs', dataset: 'example.calls', namespace: 'default' },
        event: {
          kind: 'event', category: ['web'], id: 'r1', module: 'example', dataset: 'example.calls', ingested: '2026-02-01T00:00:00.000Z',
          hash: expect.stringMatching(/^[0-9a-f]{64}$/), original: '{"when":1768469400,"who":"-","login":"ann","extra":{"a":null,"b":1}}',
        },
        user: { name: '-' },
        related: { user: ['-'] },
        example: { calls: { when: 1768469400, who: '-', login: 'ann', extra: { b: 1 } } },
      },
    });
  });

  test('an absent word lets the next path speak', () => {
    expect(run({ absent: ['-'] }, '{"when":1768469400,"who":"-","login":"ann"}')).toMatchObject({ document: { user: { name: 'ann' } } });
  });

  test('a vendor table names its fields', () => {
    expect(run({ vendor: { 'a.b': 'x.y' } }, '{"who":"ann","x":{"y":3}}')).toMatchObject({ document: { example: { calls: { a: { b: 3 } } } } });
  });

  test.each([
    ['{"when"', 'record.invalid_json'],
    ['[]', 'record.not_an_object'],
    ['{"other":1}', 'record.unrecognised'],
  ])('%s is kept as a pipeline error', (text, code) => {
    expect(run({}, text)).toMatchObject({
      kind: 'error', code,
      document: { '@timestamp': '2026-02-01T00:00:00.000Z', event: { kind: 'pipeline_error', original: text, id: 'r1' }, error: { code, message: expect.any(String) } },
    });
  });

  test('a mapping that throws costs one record, not the process', () => {
    const map = (): never => {
      throw new RangeError('boom');
    };
    expect(run({ map }, '{"who":"ann"}')).toMatchObject({ kind: 'error', code: 'record.mapping_failed', document: { error: { message: expect.stringContaining('boom') } } });
  });

  test('drops what the source drops, and blank records', () => {
    expect(run({ drop: () => 'header' }, '{"who":"ann"}')).toEqual({ kind: 'dropped', reason: 'header' });
    expect(run({}, ' \r')).toEqual({ kind: 'dropped', reason: 'blank record' });
  });

  test('bytes that are not UTF-8 and a byte order mark are survived', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeff{"who":"a'), Buffer.from([0xff]), Buffer.from('"}')]);
    const result = normaliseRecord(defineSource(definition), bytes, context);
    expect(result).toMatchObject({ kind: 'event', document: { user: { name: 'a\ufffd' }, cordon: { warnings: [expect.stringContaining('UTF-8'), expect.any(String)] } } });
  });
});
