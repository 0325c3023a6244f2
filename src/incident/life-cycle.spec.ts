import { describe, expect, it } from '@jest/globals';
import { INCIDENT_STATUSES, type IncidentStatus } from '../kernel/index.js';
import { openIncident, type Incident } from './incident.js';
import { closed, contained, isAllowed, reopened, STEPS, triaged, type Step } from './life-cycle.js';

const NOW = new Date('2026-03-02T12:00:00Z');
const LATER = new Date('2026-03-02T13:00:00Z');

const incident = (status: IncidentStatus): Incident => ({
  ...openIncident('i', [{
    id: 's', ruleId: 'r', title: 'R', level: 'high', tags: [], first: NOW, last: NOW, entities: [{ type: 'account', key: 'ann', value: 'ann', subject: true }],
    grounds: { rules: ['r'], sources: ['gateway'], dataClasses: [], criticality: null, leaving: false },
  }], NOW),
  status,
  ...(status === 'merged' ? { mergedInto: 'j' } : {}),
  ...(status === 'closed' ? { verdict: 'false_positive' as const, closedAt: NOW } : {}),
});

const take: Record<Step, (from: Incident) => Incident> = {
  triage: (from) => triaged(from, LATER),
  contain: (from) => contained(from, LATER),
  close: (from) => closed(from, 'true_positive', LATER),
  reopen: (from) => reopened(from, LATER),
};

describe('life cycle', () => {
  it.each(STEPS.flatMap((step) => INCIDENT_STATUSES.map((status) => ({ step, status }))))('$step of one that is $status is done or refused with the reason', ({ step, status }) => {
    const from = incident(status);
    if (isAllowed(status, step)) expect(take[step](from)).toMatchObject({ id: 'i', updatedAt: LATER });
    else expect(() => take[step](from)).toThrow(expect.objectContaining({ code: status === 'merged' ? 'incident.merged' : 'incident.step_refused' }));
  });

  it('goes open, triaged, contained, closed, and from there only into the next episode', () => {
    const done = closed(contained(triaged(incident('open'), NOW), NOW), 'true_positive', LATER);
    expect(done).toMatchObject({ status: 'closed', verdict: 'true_positive', closedAt: LATER, episode: 1 });
    expect(STEPS.filter((step) => isAllowed('closed', step))).toEqual(['reopen']);
    expect(reopened(done, LATER)).toMatchObject({ status: 'open', episode: 2, verdict: null, closedAt: null });
  });

  it('has no way out of merged', () => {
    expect(STEPS.filter((step) => isAllowed('merged', step))).toEqual([]);
  });
});
