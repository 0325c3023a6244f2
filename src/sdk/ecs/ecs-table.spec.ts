import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ecsField, ecsFields } from './ecs-fields.js';
import { ecsViolations } from './violations.js';

const GENERATOR: string = '../../../scripts/generate-ecs.mjs';

test('the table is what the generator makes of the installed ECS release', async () => {
  const generator = (await import(GENERATOR)) as { ecsTableSource(): string };
  expect(readFileSync(new URL('./ecs-table.generated.ts', import.meta.url), 'utf8')).toBe(generator.ecsTableSource());
});

test('fields know what ECS says of them', () => {
  expect([...ecsFields()].length).toBeGreaterThan(2000);
  expect(ecsField('event.category')).toMatchObject({ type: 'keyword', array: true });
  expect(ecsField('event.category')?.allowed?.has('web')).toBe(true);
  expect(ecsField('source.ip')).toMatchObject({ type: 'ip', array: false, related: 'ip' });
  expect(ecsField('related.ip')?.related).toBeUndefined();
  expect(ecsField('user.target.name')?.related).toBe('user');
  expect(ecsField('event.colour')).toBeUndefined();
});

test('violations are found in a foreign document', () => {
  const fields = (document: Parameters<typeof ecsViolations>[0]): string[] => ecsViolations(document).map(({ field }) => field);
  expect(fields({ '@timestamp': '2026-01-15T09:30:00.123456789+01:00', event: { category: ['web'], type: ['access'] }, vendor: { any: null } })).toEqual([]);
  expect(fields({ '@timestamp': 'soon', event: { category: 'web', type: ['start'], kind: 'x' }, source: { ip: '1', port: '80' }, http: 'text' })).toEqual([
    '@timestamp', 'event.category', 'event.kind', 'source.ip', 'source.port', 'http', 'event.type',
  ]);
});
