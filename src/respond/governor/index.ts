export { GOVERNOR, type Governor, type GovernorRequest, type Verdict } from './governor.js';
export { GovernorModule } from './governor.module.js';
export { openGovernor, type OpenGovernor } from './open-governor.js';
export { policyOf, type GovernorPolicy } from './governor-policy.js';
export { examineGovernor, type GovernorFinding } from './examine-governor.js';
export { parseExplain, parseSwitch, toExplainResponse, toStatusResponse, toSwitchResponse, type SwitchResponse } from './governor.schema.js';
