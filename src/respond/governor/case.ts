import type { Circumstances } from './circumstances.js';
import type { GovernorRequest } from './governor.js';
import type { GovernorPolicy } from './governor-policy.js';

/** All that a decision rests on. */
export interface Case {
  readonly request: GovernorRequest;
  readonly policy: GovernorPolicy;
  readonly circumstances: Circumstances;
}
