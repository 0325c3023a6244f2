import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assess, type CaseState } from './assess.js';
import { euGdpr } from './eu-gdpr.js';

const AWARE = { kind: 'aware', at: new Date('2026-10-02T15:40:00Z'), basis: 'recorded' } as const;
const berlin = (facts: CaseState['facts'], starts: CaseState['starts'] = [AWARE]): CaseState => ({ starts, facts, zone: 'Europe/Berlin' });
const outcomes = (state: CaseState) => Object.fromEntries(assess(euGdpr, state).map(({ duty, outcome }) => [duty.id, outcome]));

describe('assess', () => {
  it('asks a controller with a risk for the authority and the register', () => {
    expect(outcomes(berlin({ role: 'controller', eu_risk: 'risk' }))).toEqual({
      'eu-gdpr.sa': 'required', 'eu-gdpr.ds': 'not_required', 'eu-gdpr.proc': 'not_required', 'eu-gdpr.record': 'required',
    });
  });

  it('asks for the people too when the risk is high', () => {
    expect(outcomes(berlin({ role: 'controller', eu_risk: 'high' }))['eu-gdpr.ds']).toBe('required');
  });

  it('asks a processor for the controllers and never for the authority', () => {
    expect(outcomes(berlin({ role: 'processor', eu_risk: 'high' }))).toMatchObject({ 'eu-gdpr.sa': 'not_required', 'eu-gdpr.proc': 'required' });
  });

  it('keeps only the register where a risk is unlikely', () => {
    expect(outcomes(berlin({ role: 'controller', eu_risk: 'unlikely' }))).toMatchObject({ 'eu-gdpr.sa': 'not_required', 'eu-gdpr.record': 'required' });
  });

  it('runs the clock while facts are unknown', () => {
    const authority = assess(euGdpr, berlin({})).find(({ duty }) => duty.id === 'eu-gdpr.sa');
    expect(authority).toMatchObject({ outcome: 'needs_decision', due: new Date('2026-10-05T15:40:00Z'), latest: new Date('2026-10-05T16:00:00Z') });
  });

  it('does not take an assumed awareness for a recorded one', () => {
    const facts = { role: 'controller', eu_risk: 'high' };
    const [authority] = assess(euGdpr, berlin(facts, [{ ...AWARE, basis: 'provisional' }]));
    expect(authority).toMatchObject({ outcome: 'needs_decision', due: new Date('2026-10-05T15:40:00Z') });
  });

  it('has no clock, but still asks, where no awareness is known or the law was not yet in force', () => {
    const facts = { role: 'controller', eu_risk: 'high' };
    expect(assess(euGdpr, berlin(facts, []))[0]).toMatchObject({ outcome: 'needs_decision', due: null });
    expect(assess(euGdpr, berlin(facts, [{ ...AWARE, at: new Date('2018-05-24T12:00:00Z') }]))[0]).toMatchObject({ outcome: 'needs_decision', due: null });
  });

  it.each(['High', 'medium', 'Unknown', ''])('takes the value %j, which the regime does not know, for unknown', (eu_risk) => {
    expect(outcomes(berlin({ role: 'controller', eu_risk }))['eu-gdpr.sa']).toBe('needs_decision');
  });

  it('never suppresses a duty for a fact that is unknown', () => {
    const value = (...known: string[]) => fc.constantFrom(undefined, 'unknown', ...known);
    fc.assert(
      fc.property(value('controller', 'processor', 'both'), value('unlikely', 'risk', 'high'), (role, eu_risk) => {
        const facts = Object.fromEntries(Object.entries({ role, eu_risk }).filter(([, known]) => known !== undefined)) as Record<string, string>;
        const completions = [role].flatMap((given) => (given && given !== 'unknown' ? [given] : ['controller', 'processor', 'both']));
        const risks = [eu_risk].flatMap((given) => (given && given !== 'unknown' ? [given] : ['unlikely', 'risk', 'high']));
        const now = outcomes(berlin(facts));
        for (const [duty, outcome] of Object.entries(now)) {
          const later = completions.flatMap((r) => risks.map((k) => outcomes(berlin({ role: r, eu_risk: k }))[duty]));
          if (outcome === 'not_required') expect(later).not.toContain('required');
          if (outcome === 'required') expect(later).not.toContain('not_required');
        }
      }),
    );
  });
});
