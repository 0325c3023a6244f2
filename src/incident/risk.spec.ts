import { describe, expect, it } from '@jest/globals';
import { RISK_PARTS, riskOf, type Grounds } from './risk.js';

const nothing: Grounds = { rules: ['r1'], sources: ['gateway'], dataClasses: [], criticality: null, leaving: false };
const risk = (parts: ReturnType<typeof riskOf>) => parts.reduce((sum, { points }) => sum + points, 0);

describe('riskOf', () => {
  it('is the level alone for one rule on one source of an unknown subject', () => {
    expect(riskOf({ level: 'medium', tags: [], grounds: nothing })).toEqual([{ name: 'level', points: 25, reason: 'highest level of its signals is medium' }]);
  });

  it('reaches 100 with every part at its most, and no further', () => {
    const grounds: Grounds = { rules: ['a', 'b', 'c', 'd'], sources: ['x', 'y', 'z', 'q'], dataClasses: ['pii'], criticality: 'critical', leaving: true };
    const parts = riskOf({ level: 'critical', tags: ['collection', 'exfiltration'], grounds });
    expect(parts.map(({ name }) => name)).toEqual(RISK_PARTS);
    expect(risk(parts)).toBe(100);
  });

  it('calls a theft of classified data that three sensors saw more than 70', () => {
    const grounds: Grounds = { rules: ['a', 'b', 'c'], sources: ['gateway', 'dlp', 'ueba'], dataClasses: ['customer'], criticality: null, leaving: false };
    expect(risk(riskOf({ level: 'high', tags: ['collection', 'exfiltration'], grounds }))).toBeGreaterThan(70);
  });

  it('tells criticality low from unknown only in that neither counts', () => {
    expect(riskOf({ level: 'low', tags: [], grounds: { ...nothing, criticality: 'low' } })).toEqual(riskOf({ level: 'low', tags: [], grounds: nothing }));
  });
});
