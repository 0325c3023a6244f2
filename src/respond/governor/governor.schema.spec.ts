import { describe, expect, it } from '@jest/globals';
import { isCordonError } from '../../kernel/index.js';
import { parseExplain, parseSwitch } from './governor.schema.js';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (isCordonError(error, 'governor.request_invalid')) return error.details.field ?? '';
    throw error;
  }
  return 'accepted';
};

describe('parseSwitch', () => {
  it('stops everything unless a scope is given, and wants a reason', () => {
    expect(parseSwitch({ on: true, reason: ' noise ' })).toEqual({ on: true, scope: 'all', reason: 'noise' });
    expect(refusal(() => parseSwitch({ on: true, reason: ' ' }))).toBe('reason');
    expect(refusal(() => parseSwitch({ on: 'yes', reason: 'x' }))).toBe('on');
    expect(refusal(() => parseSwitch({ on: true, reason: 'x', who: 'me' }))).toBe('who');
    expect(refusal(() => parseSwitch(undefined))).toBe('on');
  });
});

describe('parseExplain', () => {
  it('takes none, one or several entities, whose type ends at the first colon', () => {
    expect(parseExplain({ action: 'a.b' })).toEqual({ action: 'a.b', entities: [], mode: undefined, incidentId: undefined });
    expect(parseExplain({ action: 'a.b', entity: 'ip:2001:db8::1' }).entities).toEqual([{ type: 'ip', value: '2001:db8::1' }]);
    expect(parseExplain({ action: 'a.b', entity: ['account:ann', 'person:E-1'], mode: 'auto' })).toMatchObject({ mode: 'auto', entities: [{ type: 'account', value: 'ann' }, { type: 'person', value: 'E-1' }] });
    expect(refusal(() => parseExplain({ action: 'a.b', entity: 'ann' }))).toMatch(/^entity/);
    expect(refusal(() => parseExplain({ action: 'a.b', mode: 'always' }))).toBe('mode');
    expect(refusal(() => parseExplain({}))).toBe('action');
  });
});
