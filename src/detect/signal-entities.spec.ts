import { describe, expect, it } from '@jest/globals';
import { signalDataClasses, signalEntities } from './signal-entities.js';

const call = (user: string, ip: string, more: object = {}) => ({ '@timestamp': '2026-03-02T10:00:00Z', user: { name: user }, source: { ip }, ...more });

describe('signalEntities', () => {
  it('tells whom every event names from who is only involved', () => {
    const entities = signalEntities({}, [call('ann', '192.0.2.1'), call('Ann', '192.0.2.2')]);
    expect(entities).toEqual([
      { type: 'account', value: 'ann', everywhere: true },
      { type: 'ip', value: '192.0.2.1', everywhere: false },
      { type: 'ip', value: '192.0.2.2', everywhere: false },
    ]);
  });

  it('takes the group for named by every event, also where no event is left to cite', () => {
    expect(signalEntities({ 'source.ip': '192.0.2.1', 'event.action': 'read' }, [])).toEqual([{ type: 'ip', value: '192.0.2.1', everywhere: true }]);
    expect(signalEntities({ 'source.ip': '192.0.2.1' }, [call('ann', '192.0.2.1'), call('bob', '192.0.2.1')])).toEqual([
      { type: 'ip', value: '192.0.2.1', everywhere: true },
      { type: 'account', value: 'ann', everywhere: false },
      { type: 'account', value: 'bob', everywhere: false },
    ]);
  });

  it('reads lists, and two names of one event as two entities', () => {
    expect(signalEntities({}, [{ user: { id: 'u-1', email: ['ann@example.com'] } }]).map(({ value }) => value)).toEqual(['u-1', 'ann@example.com']);
  });

  it('stays bounded and keeps what the signal is about', () => {
    const documents = Array.from({ length: 400 }, (_, index) => call('ann', `198.51.100.${index % 250}`));
    const entities = signalEntities({}, documents);
    expect(entities).toHaveLength(100);
    expect(entities[0]).toEqual({ type: 'account', value: 'ann', everywhere: true });
  });
});

describe('signalDataClasses', () => {
  it('joins what DLP and gateway say, once each', () => {
    expect(signalDataClasses([{ cordon: { dlp: { label: ['secret', 'pii'] } } }, { cordon: { gateway: { data_classes: ['pii'] } } }])).toEqual(['pii', 'secret']);
  });
});
