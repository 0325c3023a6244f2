import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../kernel/index.js';
import { EcsDraft } from './ecs-draft.js';
import { RecordView } from './record-view.js';
import { communityId, endpointPart, httpOutcome, httpVersion, lookup, nanoseconds, severity } from './rules.js';
import { severityOf } from './severity.js';

const record = (root: JsonObject): RecordView => new RecordView(root, new Date(), new Set(['-']));

describe('rules', () => {
  test('durations become nanoseconds', () => {
    expect(nanoseconds('ms', 'd')(record({ d: 1.5 }))).toBe(1_500_000);
    expect(nanoseconds('s', 'd')(record({ d: '2' }))).toBe(2_000_000_000);
    expect([-1, 'soon', '-', null].map((d) => nanoseconds('ms', 'd')(record({ d })))).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('severity words meet one scale; an unknown word gives none', () => {
    expect(['INFO', 'Low', 'moderate', 'High', 'critical'].map((word) => severityOf(word))).toEqual([10, 21, 47, 73, 99]);
    expect([severityOf('enormous'), severityOf('constructor')]).toEqual([undefined, undefined]);
    expect(severity(['a', 'b'], { urgent: 'critical' })(record({ a: '-', b: 'Urgent' }))).toBe(99);
  });

  test('outcome and version of HTTP', () => {
    expect([200, '304', 399, 400, 503, 0, 'x'].map((s) => httpOutcome('s')(record({ s })))).toEqual(['success', 'success', 'success', 'failure', 'failure', undefined, undefined]);
    expect([httpVersion('p')(record({ p: 'HTTP/2.0' })), httpVersion('p')(record({ p: 'h2' }))]).toEqual(['2.0', undefined]);
  });

  test('a lookup knows its own words only', () => {
    const rule = lookup({ Allow: 'allowed' }, 'a');
    expect(['ALLOW', 'deny', 'toString'].map((a) => rule(record({ a })))).toEqual(['allowed', undefined, undefined]);
  });

  test('endpoint parts', () => {
    expect(endpointPart('port', 'a')(record({ a: '[::1]:80' }))).toBe(80);
    expect(endpointPart('ip', 'a')(record({ a: 'host:80' }))).toBeUndefined();
  });

  // the first TCP flow of the specification's baseline data, seen from both ends
  test('community id is that of the specification and has no direction', () => {
    const flow = (source: [string, number], destination: [string, number]): string | undefined => communityId(new EcsDraft(new Date())
      .set('network.transport', 'tcp').set('source.ip', source[0]).set('source.port', source[1])
      .set('destination.ip', destination[0]).set('destination.port', destination[1]));
    expect(flow(['128.232.110.120', 34855], ['66.35.250.204', 80])).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
    expect(flow(['66.35.250.204', 80], ['128.232.110.120', 34855])).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
    expect(communityId(new EcsDraft(new Date()).set('source.ip', '192.0.2.1'))).toBeUndefined();
  });
});
