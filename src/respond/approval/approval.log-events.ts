import { defineLogEvents } from '../../platform/index.js';

export const approvalLogEvents = defineLogEvents({
  'approval.requested': { level: 'info', message: 'A decision was asked of people' },
  'approval.settled': { level: 'info', message: 'An approval ended' },
  'approval.escalated': { level: 'warn', message: 'Nobody decided in time; break-glass people may decide now' },
  'approval.too_few_approvers': { level: 'error', message: 'Fewer people than the quorum can decide an approval; break-glass people may decide' },
  'approval.vote_refused': { level: 'warn', message: 'A vote on an approval did not count' },
  'approval.step_failed': { level: 'error', message: 'A deadline or reminder of an approval failed; it is tried again' },
  'approval.notice_failed': { level: 'error', message: 'A mail about an approval cannot be sent' },
});
