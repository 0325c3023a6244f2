import { defineMetrics } from '../platform/index.js';

export const respondMetrics = defineMetrics({
  cordon_respond_runs_started_total: { type: 'counter', help: 'Runs started, by playbook.', labels: ['playbook'] },
  cordon_respond_runs_finished_total: { type: 'counter', help: 'Runs at their end, by playbook and outcome.', labels: ['playbook', 'outcome'] },
  cordon_respond_steps_total: { type: 'counter', help: 'Events that a run was given, by kind.', labels: ['kind'] },
  cordon_respond_effects_total: { type: 'counter', help: 'Effects at their end, by action and status.', labels: ['action', 'status'] },
  cordon_respond_retries_total: { type: 'counter', help: 'Attempts that are made again, by action.', labels: ['action'] },
  cordon_respond_stale_total: { type: 'counter', help: 'Completions that came too late to count: the lease was over, or somebody else was faster.' },
  cordon_respond_containment_seconds: { type: 'histogram', help: 'Time from the start of a run to its verified containment.', labels: ['playbook'], buckets: [1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400] },
  cordon_respond_timer_late_seconds: { type: 'histogram', help: 'How long after their due time timers fired.', buckets: [0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600] },
  cordon_respond_stuck_runs: { type: 'gauge', help: 'Active runs that wait for nothing: must be 0.' },
});
