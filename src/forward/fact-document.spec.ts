import { describe, expect, it } from '@jest/globals';
import { ecsViolations } from '../sdk/index.js';
import type { Fact, JsonObject } from '../kernel/index.js';
import { factDocument } from './fact-document.js';

const AT = new Date('2026-03-04T05:06:07.008Z');
const fact = (type: string, body: JsonObject): Fact => ({ id: '01900000-0000-7000-8000-000000000001', position: 1, at: AT, type, subject: 'x:1', body }) as unknown as Fact;

const signal = fact('signal.fired', {
  signalId: 's1', ruleId: 'r1', ruleTitle: 'Many exports', level: 'high', tags: ['attack.exfiltration'], group: {}, eventIds: ['e1'],
  first: '2026-03-04T05:00:00.000Z', last: '2026-03-04T05:05:00.000Z', sources: ['gateway'], dataClasses: [],
  entities: [{ type: 'account', value: 'ann@example.com', everywhere: true }, { type: 'ip', value: '192.0.2.7', everywhere: false }, { type: 'token', value: 't-1', everywhere: false }],
});
const incident = fact('incident.opened', {
  incidentId: 'i1', episode: 1, signalIds: ['s1'],
  incident: { id: 'i1', title: 'Exfiltration', level: 'critical', risk: 88, tags: ['exfiltration'], subject: { type: 'person', id: 'p1', accounts: ['ann@example.com'] } },
});

describe('factDocument', () => {
  it.each([['signal', signal], ['incident', incident], ['an unknown kind of fact', fact('run.finished', { runId: 'r', outcome: 'contained' })]])('gives valid ECS for %s', (_what, given) => {
    expect(ecsViolations(factDocument(given)!.doc)).toEqual([]);
  });

  it('says of a signal which rule fired, how grave it is and who is concerned', () => {
    expect(factDocument(signal)).toMatchObject({
      id: signal.id,
      dataset: 'cordon.signal',
      doc: { event: { kind: 'signal', severity: 73, action: 'signal.fired' }, rule: { id: 'r1', name: 'Many exports' }, related: { user: ['ann@example.com'], ip: ['192.0.2.7'] }, cordon: { fact: { eventIds: ['e1'] } } },
    });
  });

  it('says of an incident its risk and whom it is about', () => {
    expect(factDocument(incident)?.doc).toMatchObject({ message: 'Exfiltration', event: { risk_score: 88, severity: 99 }, labels: { incident: 'i1' }, related: { user: ['p1', 'ann@example.com'] } });
  });

  it('keeps facts about own records to itself', () => {
    expect(factDocument(fact('pipeline_error.raised', { recordId: 'r', stream: 's', code: 'c' }))).toBeUndefined();
  });
});
