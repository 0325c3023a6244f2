import { defineErrors } from '../kernel/index.js';

export const breachErrors = defineErrors({
  'breach.case_unknown': {
    status: 404,
    title: 'There is no breach case with this id',
    remedy: 'List cases with GET /v1/breach-cases and use an id from there.',
  },
  'breach.case_closed': {
    status: 409,
    title: 'The breach case is closed',
    remedy: 'A closed case stays as it is; re-open its incident, and its next episode gets a case of its own.',
  },
  'breach.regime_unknown': {
    status: 404,
    title: 'There is no regime with this id',
    remedy: 'List regimes with GET /v1/regimes and use an id from there.',
  },
  'breach.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/breach-cases.md lists them.',
  },
});
