import { describe, expect, it } from '@jest/globals';
import { defineLogEvents } from './log-events.js';
import { defineMetrics } from './metric-definitions.js';
import { Telemetry } from './telemetry.js';

const events = defineLogEvents({ 'test.source_open': { level: 'warn', message: 'A source accepts records without authentication' } });
const metrics = defineMetrics({ cordon_test_refused_total: { type: 'counter', help: 'Refused.', labels: ['reason'] } });

function recording() {
  const lines: string[] = [];
  return { lines, telemetry: new Telemetry({ stream: { write: (line) => void lines.push(line) } }) };
}

describe('Telemetry', () => {
  it('writes a catalogued event with its level, name and fields', () => {
    const { lines, telemetry } = recording();
    telemetry.log(events)('test.source_open', { source: 'gateway', error: new Error('why', { cause: new Error('deeper') }) });
    const line = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ level: 'warn', event: 'test.source_open', source: 'gateway', message: events['test.source_open'].message });
    expect(line.error.message).toContain('why');
  });

  it('writes no more of an error than its catalogue promises, causes included', () => {
    const { lines, telemetry } = recording();
    const row = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (user_name)=(planted) exists', where: 'COPY event: planted', parameters: ['planted'] });
    telemetry.log(events)('test.source_open', { error: new Error('write failed', { cause: row }) });
    expect(lines[0]).not.toContain('planted');
    expect(JSON.parse(lines[0] ?? '').error.cause).toMatchObject({ message: 'duplicate key', code: '23505' });
  });

  it('gives the same metric when a catalogue is bound twice, and separate ones in separate instances', async () => {
    const { telemetry } = recording();
    telemetry.metrics(metrics).cordon_test_refused_total.inc({ reason: 'a' });
    telemetry.metrics(metrics).cordon_test_refused_total.inc({ reason: 'a' });
    expect(await telemetry.registry.metrics()).toContain('cordon_test_refused_total{reason="a"} 2');
    expect(await recording().telemetry.registry.metrics()).not.toContain('cordon_test_refused_total');
  });
});
