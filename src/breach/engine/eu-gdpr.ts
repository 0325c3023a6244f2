import type { Gate, Regime } from './regime.js';

const CONTROLLER: Gate = { type: 'in', fact: 'role', values: ['controller', 'both'] };
const PROCESSOR: Gate = { type: 'in', fact: 'role', values: ['processor', 'both'] };
const risk = (...values: string[]): Gate => ({ type: 'in', fact: 'eu_risk', values });

/** Regulation (EU) 2016/679, Articles 33 and 34. */
export const euGdpr: Regime = {
  id: 'eu-gdpr',
  version: '1',
  title: 'General Data Protection Regulation',
  jurisdiction: 'EU/EEA',
  effectiveFrom: '2018-05-25',
  effectiveTo: null,
  source: 'Regulation (EU) 2016/679 Art 33, 34; EDPB Guidelines 9/2022; Regulation (EEC, Euratom) 1182/71 Art 3',
  findings: { role: ['controller', 'processor', 'both'], eu_risk: ['unlikely', 'risk', 'high'] },
  duties: [
    {
      id: 'eu-gdpr.sa',
      title: 'Notify the supervisory authority',
      provision: 'Art 33(1), (3), (4)',
      recipient: 'lead supervisory authority; without an establishment in the Union, the authority of each Member State with affected people',
      startsWith: 'aware',
      clock: { type: 'elapsed_hours', hours: 72, latest: 'eu_hours' },
      gate: { type: 'all', of: [CONTROLLER, risk('risk', 'high')] },
      content: [
        'nature of the breach', 'categories and approximate number of people', 'categories and approximate number of records', 'data protection officer or other contact',
        'likely consequences', 'measures taken or proposed', 'reasons, if later than 72 hours',
      ],
      grade: 'verified-text',
    },
    {
      id: 'eu-gdpr.ds',
      title: 'Tell the affected people',
      provision: 'Art 34(1)-(4)',
      recipient: 'affected data subjects',
      startsWith: 'aware',
      clock: { type: 'promptly' },
      gate: { type: 'all', of: [CONTROLLER, risk('high')] },
      content: ['plain language', 'nature of the breach', 'data protection officer or other contact', 'likely consequences', 'measures taken or proposed'],
      grade: 'verified-secondary',
    },
    {
      id: 'eu-gdpr.proc',
      title: 'Tell the controllers',
      provision: 'Art 33(2)',
      recipient: 'each affected controller; a contract may set a number of hours',
      startsWith: 'aware',
      clock: { type: 'promptly' },
      gate: PROCESSOR,
      content: ['what the controller needs for Art 33(3)'],
      grade: 'verified-text',
    },
    {
      id: 'eu-gdpr.record',
      title: 'Enter the breach in the register',
      provision: 'Art 33(5)',
      recipient: 'own breach register',
      startsWith: 'aware',
      clock: { type: 'promptly' },
      gate: { type: 'always' },
      content: ['facts', 'effects', 'remedial action', 'reasons for not notifying'],
      grade: 'verified-text',
    },
  ],
};
