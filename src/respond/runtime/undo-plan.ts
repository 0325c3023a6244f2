import { isJsonObject, type ActionCatalogue, type JsonObject, type JsonValue } from '../../kernel/index.js';
import type { CompiledPolicy } from '../engine/compiled-playbook.js';
import type { Effect, EffectStatus } from './effect.js';

/** What is to be taken back. */
export type UndoScope = { readonly kind: 'all' } | { readonly kind: 'since'; readonly state: string } | { readonly kind: 'invokes'; readonly ids: readonly string[] };

export interface UndoStep {
  readonly effect: Effect;
  /** Id of the action that takes it back. */
  readonly action: string;
  readonly input: JsonObject;
  /** Whether it may have been so before: then a person decides. */
  readonly unsure: boolean;
}

/** An effect within the scope that is not taken back, and why. */
export type Skipped = { effectId: string; invokeId: string | null; action: string; why: string };

export interface UndoPlan {
  /** In the order in which they are to be done: the last effect first. */
  readonly steps: readonly UndoStep[];
  readonly skipped: readonly Skipped[];
  /** Those of the skipped that may have happened, and of which not enough is known to take them back. */
  readonly doubtful: readonly Skipped[];
}

/** `scope` of core.undo: `all`, `since:<state>`, an invoke id or a list of them. Undefined where it is none of these. */
export function readScope(scope: JsonValue | undefined): UndoScope | undefined {
  if (scope === 'all') return { kind: 'all' };
  if (typeof scope === 'string') return scope.startsWith('since:') ? { kind: 'since', state: scope.slice('since:'.length) } : { kind: 'invokes', ids: [scope] };
  if (Array.isArray(scope) && scope.every((id) => typeof id === 'string')) return { kind: 'invokes', ids: scope };
  return undefined;
}

/**
 * @param effects all of the run
 * @param values where the machine was after each event, for `since`
 */
export function planUndo(
  scope: UndoScope,
  effects: readonly Effect[],
  values: readonly { readonly seq: number; readonly value: JsonValue }[],
  catalogue: ActionCatalogue,
  policy: Readonly<Record<string, CompiledPolicy>>,
): UndoPlan {
  const from = scope.kind === 'since' ? enteredAt(scope.state, values) : 0;
  const steps: UndoStep[] = [];
  const skipped: Skipped[] = [];
  const doubtful: Skipped[] = [];
  for (const effect of [...effects].sort(lastFirst)) {
    if (effect.kind === 'undo' || effect.kind === 'plan' || effect.undoneAt || effect.seq < from) continue;
    if (scope.kind === 'invokes' && !(effect.invokeId !== null && scope.ids.includes(effect.invokeId))) continue;
    const action = catalogue.find(effect.action);
    // What only tells or reads has nothing to take back, and nobody expects it to.
    if (!action || ('none' in action.undo && !action.destructive)) continue;
    if (GOING_ON.has(effect.status) || (effect.output === null && effect.status !== 'unknown')) continue;
    const skip = (why: string, list = skipped) => list.push({ effectId: effect.id, invokeId: effect.invokeId, action: effect.action, why });
    if (effect.output?.already) skip('it changed nothing: the target was in that state before');
    else if ('none' in action.undo) skip(action.undo.none);
    else if (policy[effect.action]?.undo === 'none') skip('the policy of the playbook does not take it back');
    else if (effect.output === null) skip('it is not known whether it happened', doubtful);
    else if (effect.undoInput === null) skip('no input of its undo was recorded');
    else steps.push({ effect, action: action.undo.action, input: effect.undoInput, unsure: effect.output.unsure === true });
  }
  return { steps, skipped: [...skipped, ...doubtful], doubtful };
}

const GOING_ON: ReadonlySet<string> = new Set<EffectStatus>(['ready', 'leased', 'waiting']);

const lastFirst = (a: Effect, b: Effect): number => (b.settledAt?.getTime() ?? 0) - (a.settledAt?.getTime() ?? 0) || b.seq - a.seq || b.index - a.index;

/** Sequence number of the event by which the state was last entered; beyond all where it never was. */
function enteredAt(state: string, values: readonly { readonly seq: number; readonly value: JsonValue }[]): number {
  let entered = Number.MAX_SAFE_INTEGER;
  let inside = false;
  for (const { seq, value } of values) {
    const now = names(value).includes(state);
    if (now && !inside) entered = seq;
    inside = now;
  }
  return entered;
}

function names(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  return isJsonObject(value) ? Object.entries(value).flatMap(([name, below]) => [name, ...names(below)]) : [];
}
