import { defineErrors } from '../../kernel/index.js';

export const approvalErrors = defineErrors({
  'approval.unknown': {
    status: 404,
    title: 'There is no approval with this id',
    remedy: 'List approvals with GET /v1/approvals and use an id from there.',
  },
  'approval.closed': {
    status: 409,
    title: 'The approval is decided, withdrawn or past its deadline',
    remedy: 'Read the approval again to see what came of it; a new decision needs a new approval.',
  },
  'approval.already_voted': {
    status: 409,
    title: 'This person has voted on the approval',
    remedy: 'Each person has one vote, whatever the number of their keys; another person must give the next one.',
  },
  'approval.no_person': {
    status: 403,
    title: 'This API key belongs to no person, so nobody would answer for the decision',
    remedy: 'Use a key made with `cordon keys create --person ID`, where ID is a person of the context.',
  },
  'approval.person_unknown': {
    status: 403,
    title: 'The context does not know the person of this API key as one who works here',
    remedy: 'Import the person into the context with a status that is not suspended or left, or use the key of another person.',
  },
  'approval.four_eyes': {
    status: 403,
    title: 'Who asked for a run cannot decide its approvals',
    remedy: 'Let another person with the role decide.',
  },
  'approval.not_eligible': {
    status: 403,
    title: 'The roles of this API key do not decide this approval',
    remedy: 'Use the key of a person with the role that the detail names.',
  },
  'approval.subject_unknown': {
    status: 403,
    title: 'Whom the approval is about is not known, so nobody can be told apart from them',
    remedy: 'Let a break-glass person decide, or import whose account it is into the context and try again.',
  },
  'approval.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/approvals.md lists them.',
  },
});
