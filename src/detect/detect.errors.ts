import { defineErrors } from '../kernel/index.js';

export const detectErrors = defineErrors({
  'detect.signal_unknown': {
    status: 404,
    title: 'There is no signal with this id',
    remedy: 'List signals with GET /v1/signals and use an id from there.',
  },
  'detect.query_invalid': {
    status: 400,
    title: 'The query cannot be used',
    remedy: 'Correct the parameter that the detail names; docs/api.md lists the parameters and their form.',
  },
});
