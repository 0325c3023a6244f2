import { defineErrors } from '../../kernel/index.js';

export const governorErrors = defineErrors({
  'governor.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/how-safety-works.md lists them.',
  },
  'governor.scope_unknown': {
    status: 400,
    title: 'A kill switch has no such scope',
    remedy: 'Use all, one of the classes destructive, other and notify, or the id of an action such as scim.deactivate-user.',
  },
  'governor.switch_not_on': {
    status: 409,
    title: 'This kill switch is not on',
    remedy: 'Lift the ones that the detail names; GET /v1/governor and `cordon governor status` list them.',
  },
  'governor.action_unknown': {
    status: 404,
    title: 'There is no action with this id',
    remedy: 'Use the id of an action of a configured connector; the detail names the nearest ones.',
  },
});
