export * from './actions/index.js';
export { BUILT_INS } from './engine/built-ins.js';
export { APPROVAL_DESK, type ApprovalDecision, type ApprovalDesk, type ApprovalListener, type ApprovalRequest } from './approval/approval-desk.js';
export { approvalErrors } from './approval/approval.errors.js';
export { ApprovalModule } from './approval/approval.module.js';
export type { ApprovalResponse } from './approval/approval.schema.js';
export { ApprovalService } from './approval/approval.service.js';
export {
  examineGovernor, GovernorModule, openGovernor, parseExplain, parseSwitch, policyOf, toExplainResponse, toStatusResponse, toSwitchResponse,
  type GovernorFinding, type OpenGovernor, type SwitchResponse,
} from './governor/index.js';
export { respondErrors } from './respond.errors.js';
export { RespondModule } from './respond.module.js';
export { PlaybookLibrary } from './runtime/playbook-library.js';
export type { RunDetailResponse, RunResponse } from './runtime/run.schema.js';
