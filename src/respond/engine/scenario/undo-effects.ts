import type { ActionDescription, JsonObject, JsonValue } from '../../../kernel/index.js';
import type { ScenarioEffect } from './scenario-result.js';

/** An effect that got through, with where it was in the run. */
export interface DoneEffect {
  readonly effect: ScenarioEffect;
  readonly invoke: string;
  readonly already: boolean;
  /** How many states had been entered when it was asked for. */
  readonly states: number;
}

export interface Undone {
  /** As `event.output.result` of core.undo lists it, the last effect first. */
  readonly listed: JsonObject[];
  readonly effects: ScenarioEffect[];
}

/**
 * What core.undo takes back of the effects that got through.
 * @param scope `all`, `since:<state>`, an invoke id or a list of them
 */
export function undoEffects(scope: JsonValue, done: readonly DoneEffect[], entered: readonly string[], describe: (action: string) => ActionDescription | undefined, at: string): Undone {
  const since = typeof scope === 'string' && scope.startsWith('since:') ? entered.lastIndexOf(scope.slice('since:'.length)) : -1;
  const invokes = Array.isArray(scope) ? scope : scope === 'all' || since >= 0 ? undefined : [scope];
  const listed: JsonObject[] = [];
  const effects: ScenarioEffect[] = [];
  for (const { effect, invoke, already, states } of [...done].reverse()) {
    const undo = describe(effect.action)?.undo;
    if (states <= since || (invokes && !invokes.includes(invoke)) || undo === undefined) continue;
    // What only tells or reads has nothing to take back, and nobody expects it to.
    if ('none' in undo && !describe(effect.action)?.destructive) continue;
    const why = already ? 'it changed nothing: the target was in that state before' : 'none' in undo ? undo.none : null;
    listed.push({ invokeId: invoke, action: effect.action, state: why === null ? 'undone' : 'skipped', why });
    if (why === null && 'action' in undo) effects.push({ invoke: null, action: undo.action, input: {}, at, status: 'done', undoes: invoke });
  }
  return { listed, effects };
}
