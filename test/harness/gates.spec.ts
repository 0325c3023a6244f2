import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Check {
  readonly data: string;
  readonly min: number;
  readonly options?: readonly string[];
}
interface Thresholds {
  readonly checks: Readonly<Record<string, Check>>;
  readonly streams: readonly string[];
}

const scripts = path.resolve(import.meta.dirname, '../../scripts');
const { fallsBetween } = (await import(path.join(scripts, 'lib/threshold-ratchet.mjs'))) as {
  fallsBetween(before: Thresholds, after: Thresholds): string[];
};
const { countsOf } = (await import(path.join(scripts, 'ci/counts.mjs'))) as {
  countsOf(kind: string, output: string, clean: boolean): { passed: number; failed: number };
};

describe('threshold ratchet', () => {
  const base: Thresholds = { checks: { ecs: { data: 'ecs-corpus', min: 0.9, options: ['--max-violations', '3'] } }, streams: ['a.b'] };
  const changed = (check: Partial<Check>): Thresholds => ({ ...base, checks: { ecs: { ...base.checks['ecs']!, ...check } } });

  it('lets thresholds rise', () => {
    expect(fallsBetween(base, base)).toEqual([]);
    expect(fallsBetween(base, changed({ min: 0.91, options: ['--max-violations', '0'] }))).toEqual([]);
    expect(fallsBetween(base, { checks: { ...base.checks, more: { data: 'sigma', min: 0 } }, streams: ['a.b', 'c.d'] })).toEqual([]);
    expect(fallsBetween(changed({ options: ['--supported-only', '--max-violations', '3'] }), base)).toEqual([]);
  });

  it.each([
    ['a lower score', changed({ min: 0.89 })],
    ['a check that is gone', { ...base, checks: {} }],
    ['a stream that is gone', { ...base, streams: [] }],
    ['scoring supported streams alone', changed({ options: ['--max-violations', '3', '--supported-only'] })],
    ['more violations allowed', changed({ options: ['--max-violations', '4'] })],
    ['no limit of violations', changed({ options: [] })],
    ['other data', changed({ data: 'elsewhere' })],
  ])('reports %s', (_name, after) => {
    expect(fallsBetween(base, after)).toHaveLength(1);
  });
});

describe('counts of a gate', () => {
  it('adds up every summary line', () => {
    expect(countsOf('jest', 'Tests:       2 failed, 1 skipped, 5 passed, 8 total\nx\nTests: 3 passed, 3 total\n', false)).toEqual({ passed: 8, failed: 2 });
    expect(countsOf('lines', '5 passed, 0 failed\ntable\n2 passed, 1 failed', false)).toEqual({ passed: 7, failed: 1 });
    expect(countsOf('gate', '', true)).toEqual({ passed: 1, failed: 0 });
  });

  it('never takes an unclean end or an empty run for a pass', () => {
    expect(countsOf('jest', 'Tests: 3 passed, 3 total', false)).toEqual({ passed: 3, failed: 1 });
    expect(countsOf('jest', 'No tests found', true)).toEqual({ passed: 0, failed: 1 });
    expect(countsOf('lines', '', true)).toEqual({ passed: 0, failed: 1 });
    expect(countsOf('gate', '', false)).toEqual({ passed: 0, failed: 1 });
  });
});
