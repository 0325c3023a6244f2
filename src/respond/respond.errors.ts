import { defineErrors } from '../kernel/index.js';

export const respondErrors = defineErrors({
  'respond.params_invalid': {
    status: 400,
    title: 'The parameters do not fit the playbook',
    remedy: 'Correct playbooks.<id>.params in the configuration: the playbook’s `params` says which there are and what they may be.',
  },
  'respond.playbook_invalid': {
    status: 400,
    title: 'The playbook cannot be used',
    remedy: 'Correct what is named; cordon playbooks check says more, and where.',
  },
  'respond.scenario_invalid': {
    status: 400,
    title: 'The scenario cannot be run',
    remedy: 'Correct the file at the place named; docs/how-to/first-playbook.md shows a scenario.',
  },
});
