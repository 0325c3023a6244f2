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
  'respond.run_unknown': {
    status: 404,
    title: 'There is no run with this id',
    remedy: 'List runs with GET /v1/runs and use an id from there.',
  },
  'respond.playbook_unknown': {
    status: 404,
    title: 'There is no playbook with this id',
    remedy: 'Use the id of a playbook in the folders of respond.playbooks.',
  },
  'respond.playbook_missing': {
    status: 500,
    title: 'The version of a playbook to which a run is pinned cannot be loaded',
    remedy: 'Read the detail; restore the row of playbook_version from a backup, or cancel the run.',
  },
  'respond.run_state': {
    status: 409,
    title: 'The run is not in a status in which this can be done',
    remedy: 'Read the run again; docs/how-to/runs.md shows which command is allowed in which status.',
  },
  'respond.run_exists': {
    status: 409,
    title: 'The playbook has a run for this already',
    remedy: 'Use the run that the detail names, or send another key.',
  },
  'respond.trigger_refused': {
    status: 409,
    title: 'The playbook cannot be started for this',
    remedy: 'Read the detail: the condition of its trigger does not hold, or its context cannot be made from what was given.',
  },
  'respond.event_refused': {
    status: 400,
    title: 'Events of this type cannot be sent from outside',
    remedy: 'Send an event `manual.<name>` that the playbook waits for; all others are made by the product itself.',
  },
  'respond.event_not_accepted': {
    status: 409,
    title: 'The run waits for no such event where it is now',
    remedy: 'Read the run; its playbook shows in which state it takes which event.',
  },
  'respond.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/runs.md lists them.',
  },
});
