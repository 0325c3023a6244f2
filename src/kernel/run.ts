import type { ActionErrorCode, EffectOutput } from './action.js';

/** How a run ended: `outcome` of the final state, or `cancelled` by a person. */
export type RunOutcome = 'contained' | 'refused' | 'failed' | 'cancelled' | 'released';

/** Which run a fact tells of. The incident is null for a run that a person started without one. */
type OfRun = { runId: string; playbook: string; incidentId: string | null; episode: number | null };
type OfEffect = OfRun & { effectId: string; action: string; invokeId: string | null; attempts: number };

/** Bodies of the facts that the runtime of playbooks states. */
export interface RunFactBodies {
  'run.started': OfRun & { version: string; hash: string; by: string };
  'run.finished': OfRun & { outcome: RunOutcome; by: string };
  /** `late`: it got through after the run had left the state that asked for it; it is offered for undo. */
  'effect.done': OfEffect & { verify: EffectOutput['verify']; already: boolean; late: boolean };
  'effect.failed': OfEffect & { code: ActionErrorCode; message: string };
  /** `effectId` is the effect that was taken back, `by` the undo that did it. */
  'effect.undone': OfEffect & { by: string };
}
