import type { ActionDescription, EffectError, JsonObject } from '../../../kernel/index.js';
import { compileClosedSchema } from '../machine/closed-schema.js';
import { GOVERNOR_MODES, type GovernorMode } from '../playbook-source.js';
import { failed } from './answer.js';

export interface AdmissionRequest {
  readonly action: string;
  readonly input: JsonObject;
  /** Undefined where nothing is known of any action. */
  readonly description: ActionDescription | undefined;
  /** Modes of the playbook's policy and of the deployment; the stricter one counts. */
  readonly modes: readonly (GovernorMode | undefined)[];
  /** Whether an approval of the run names the effect. */
  readonly covered: boolean;
}

/** Whether an effect is called, is asked for, or ends before it began. */
export function admit({ action, input, description, modes, covered }: AdmissionRequest): 'go' | 'ask' | EffectError {
  const violations = description ? compileClosedSchema(description.input).violations(input) : [];
  if (violations.length > 0) return failed('INPUT_INVALID', `${action}: ${violations.join('; ')}`, 0);
  const mode = GOVERNOR_MODES.find((candidate) => modes.includes(candidate)) ?? 'auto';
  if (mode === 'observe' || mode === 'suggest') return { ...failed('GOVERNOR_REFUSED', `the mode is ${mode}`, 0), wouldHave: { action, input } };
  return mode === 'ask' && !covered ? 'ask' : 'go';
}
