import { defineMetrics } from '../../platform/index.js';

export const approvalMetrics = defineMetrics({
  cordon_approval_requested_total: { type: 'counter', help: 'Approvals asked of people, by playbook.', labels: ['playbook'] },
  cordon_approval_settled_total: { type: 'counter', help: 'Approvals that ended, by how: approved, refused, expired, withdrawn.', labels: ['state'] },
  cordon_approval_escalated_total: { type: 'counter', help: 'Approvals whose deadline handed them to break-glass people.' },
  cordon_approval_too_few_approvers_total: { type: 'counter', help: 'Approvals that fewer people than their quorum could decide; break-glass people were paged.' },
  cordon_approval_votes_refused_total: { type: 'counter', help: 'Votes that did not count, by error code.', labels: ['code'] },
  cordon_approval_open: { type: 'gauge', help: 'Approvals that wait for a decision.' },
  cordon_approval_notices_total: { type: 'counter', help: 'Mails about approvals, by result: sent, failed, dropped (decided before).', labels: ['result'] },
});
