import type { FactBodies, FactType, JsonObject, NewFact } from '../../kernel/index.js';
import type { Effect } from './effect.js';
import type { Run } from './run.js';

/** Actor of what the runtime does by itself. */
export const RUNTIME_ACTOR = 'system:respond';

type RunFact = Extract<FactType, `run.${string}` | `effect.${string}`>;

const aboutRun = ({ id, playbookId, incidentId, episode }: Run) => ({ runId: id, playbook: playbookId, incidentId, episode });

/** A fact about a run; `more` is what is particular to its type. */
export function runFact<T extends Extract<RunFact, `run.${string}`>>(type: T, run: Run, more: Omit<FactBodies[T], 'runId' | 'playbook' | 'incidentId' | 'episode'>): NewFact<T> {
  return { type, subject: `run:${run.id}`, body: { ...aboutRun(run), ...more } as FactBodies[T] & JsonObject };
}

export function effectFact<T extends Extract<RunFact, `effect.${string}`>>(
  type: T,
  run: Run,
  { id, action, invokeId }: Pick<Effect, 'id' | 'action' | 'invokeId'>,
  more: Omit<FactBodies[T], 'runId' | 'playbook' | 'incidentId' | 'episode' | 'effectId' | 'action' | 'invokeId'>,
): NewFact<T> {
  return { type, subject: `effect:${id}`, body: { ...aboutRun(run), effectId: id, action, invokeId, ...more } as FactBodies[T] & JsonObject };
}
