import { defineLogEvents } from '../platform/index.js';

export const respondLogEvents = defineLogEvents({
  'respond.playbook_refused': { level: 'error', message: 'A playbook cannot run and was left out; the others work' },
  'respond.playbook_warning': { level: 'warn', message: 'A playbook runs, and something in it looks like a mistake' },
  'respond.run_started': { level: 'info', message: 'A run of a playbook started' },
  'respond.start_failed': { level: 'error', message: 'A playbook could not be started for an incident; it is kept as a dead letter' },
  'respond.event_dead': { level: 'error', message: 'The machine of a run fails on an event; the run is as it was, the event is kept as a dead letter' },
  'respond.worker_failed': { level: 'error', message: 'A worker of the runtime failed; it goes on with its next round' },
  'respond.settle_failed': { level: 'error', message: 'What came of a call could not be written; it is repeated when the lease is over' },
  'respond.stuck_runs': { level: 'error', message: 'Active runs wait for nothing: nothing will ever happen to them' },
  'respond.fact_rejected': { level: 'error', message: 'Starting or telling runs fails on this fact; it is left out' },
});
