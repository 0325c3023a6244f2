import { defineErrors } from '../kernel/index.js';

export const incidentErrors = defineErrors({
  'incident.unknown': {
    status: 404,
    title: 'There is no incident with this id',
    remedy: 'List incidents with GET /v1/incidents and use an id from there.',
  },
  'incident.merged': {
    status: 409,
    title: 'The incident was merged into another one',
    remedy: 'Use the incident that the detail names; this one stays only as its history.',
  },
  'incident.step_refused': {
    status: 409,
    title: 'The incident is not in a state in which this can be done',
    remedy: 'Read the incident again; docs/how-to/incidents.md shows which step is allowed in which state.',
  },
  'incident.merge_refused': {
    status: 409,
    title: 'The two incidents cannot be merged',
    remedy: 'Merge two different incidents that are not closed; re-open a closed one first.',
  },
  'incident.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/incidents.md lists them.',
  },
});
