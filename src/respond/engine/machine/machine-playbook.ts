import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate';
import { isJsonObject, type EffectOutput, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { PlaybookFailure, type CompiledPlaybook, type CompiledPolicy, type PlaybookEvent, type RunState, type Step, type StepInput } from '../compiled-playbook.js';
import type { Expression } from '../expression.js';
import { compileTemplate } from '../expression/index.js';
import type { PlaybookSource, PolicySource } from '../playbook-source.js';
import { respondErrors } from '../../respond.errors.js';
import { compileClosedSchema, type ClosedSchema } from './closed-schema.js';
import { requireFit } from './compile-actions.js';
import { foldActions, type ListedAction, type Pending } from './fold-actions.js';
import { Frame, type MachineContext, type MachineEvent, type MachineInput } from './frame.js';
import { buildMachine, type MachineParts } from './machine-config.js';
import { requireDuration } from './require-duration.js';
import { restoreSnapshot, storeSnapshot, type StoredSnapshot } from './run-snapshot.js';
import { createXStateMachine } from './xstate-machine.js';

type Transitioned = [AnyMachineSnapshot, ListedAction[]];

/** A playbook on XState's pure transitions: what lasts and what acts on the world is the caller's. */
export class MachinePlaybook implements CompiledPlaybook {
  readonly policy: Readonly<Record<string, CompiledPolicy>>;
  private readonly contextSchema: ClosedSchema;
  private readonly paramsSchema: ClosedSchema;
  private readonly when: Expression | undefined;
  private readonly initial: Expression;
  private readonly parts: MachineParts;
  private readonly timerIds: ReadonlyMap<string, string>;
  private readonly machine: AnyStateMachine;

  constructor(
    readonly source: PlaybookSource,
    readonly hash: string,
  ) {
    this.policy = Object.fromEntries(Object.entries(source.policy ?? {}).map(([action, policy]) => [action, compilePolicy(action, policy)]));
    this.contextSchema = compileClosedSchema(source.context.schema);
    this.paramsSchema = compileClosedSchema(source.params ?? {});
    this.when = source.trigger.when === undefined ? undefined : compileTemplate(source.trigger.when);
    this.initial = compileTemplate({ ...source.context.initial });
    this.parts = buildMachine(source.id, source.machine, this.contextSchema);
    this.timerIds = new Map([...this.parts.timers].map(([timerId, { event }]) => [event, timerId]));
    this.machine = createXStateMachine(this.parts);
  }

  params(given: JsonObject): JsonObject {
    const params = this.paramsSchema.withDefaults(given);
    const violations = this.paramsSchema.violations(params);
    if (violations.length > 0) throw respondErrors.create('respond.params_invalid', { detail: violations.join('; '), field: `playbooks.${this.source.id}.params` });
    return params;
  }

  triggers(event: PlaybookEvent, params: JsonObject, at: Date): boolean {
    return this.when === undefined || this.when.evaluate({ event, params, now: at }) === true;
  }

  start(event: PlaybookEvent, params: JsonObject, at: Date): Step {
    return orFailure(() => {
      const context = this.initial.evaluate({ event, params, now: at }) as JsonObject;
      requireFit(context, this.contextSchema);
      const input: MachineInput = { frame: new Frame(context, params, at), event };
      const transitioned = initialTransition(this.machine, input) as unknown as Transitioned;
      return this.step(transitioned, { invokes: new Set(), timers: new Set() }, params, at, true);
    });
  }

  apply(state: RunState, input: StepInput, at: Date): Step {
    return orFailure(() => {
      const { snapshot, pending } = this.restore(state, at);
      const event = snapshot.status === 'active' ? this.machineEvent(input, pending) : undefined;
      if (!event) return this.step([snapshot, []], pending, state.params, at, false);
      const settled: Pending = {
        invokes: new Set([...pending.invokes].filter((id) => !('invokeId' in input) || id !== input.invokeId)),
        timers: new Set([...pending.timers].filter((id) => !('timerId' in input) || id !== input.timerId)),
      };
      const [next, actions] = transition(this.machine, snapshot, event) as unknown as Transitioned;
      if (next.status === 'error' && input.kind === 'error') throw new PlaybookFailure(`no onError of ${input.invokeId} applies to ${input.error.code}: ${input.error.message}`);
      return this.step([next, actions], settled, state.params, at, next !== snapshot || actions.length > 0);
    });
  }

  accepts(state: RunState, event: PlaybookEvent, at: Date): boolean {
    if (isReserved(event)) return false;
    return orFailure(() => {
      const { snapshot } = this.restore(state, at);
      return snapshot.status === 'active' && snapshot.can({ type: event.type, body: event });
    });
  }

  private restore(state: RunState, at: Date): { readonly snapshot: AnyMachineSnapshot; readonly pending: Pending } {
    const stored = state.snapshot as StoredSnapshot;
    const snapshot = restoreSnapshot(this.machine, stored, new Frame(stored.context, state.params, at), this.parts.invokes);
    return { snapshot, pending: { invokes: new Set(stored.invokes), timers: new Set(stored.timers) } };
  }

  /** Undefined where nothing waits for the input any more: XState itself would take it for that of a later attempt. */
  private machineEvent(input: StepInput, { invokes, timers }: Pending): MachineEvent | undefined {
    switch (input.kind) {
      case 'event':
        if (isReserved(input.event)) throw new PlaybookFailure(`an event cannot be called ${input.event.type}: these names are XState's own`);
        return { type: input.event.type, body: input.event };
      case 'done':
        return invokes.has(input.invokeId) ? { type: `xstate.done.actor.${input.invokeId}`, body: { output: outputOf(this.parts.invokes.get(input.invokeId)?.src, input.output) } } : undefined;
      case 'error':
        return invokes.has(input.invokeId) ? { type: `xstate.error.actor.${input.invokeId}`, body: { error: input.error } } : undefined;
      case 'timer': {
        const type = timers.has(input.timerId) ? this.parts.timers.get(input.timerId)?.event : undefined;
        return type === undefined ? undefined : { type, body: { due: input.due.toISOString(), lateMs: input.lateMs } };
      }
    }
  }

  private step([snapshot, actions]: Transitioned, pending: Pending, params: JsonObject, at: Date, changed: boolean): Step {
    if (snapshot.status === 'error' || snapshot.status === 'stopped') throw snapshot.error;
    const folded = foldActions(actions, pending, { invokes: this.parts.invokes, timers: this.parts.timers, timerIds: this.timerIds }, at);
    const context = snapshot.context as MachineContext;
    const value = snapshot.value as JsonValue;
    return {
      state: { snapshot: storeSnapshot(snapshot, context, folded), params },
      value,
      context: context.frame.context,
      status: snapshot.status,
      outcome: snapshot.status === 'done' && typeof value === 'string' ? this.parts.outcomes.get(value) : undefined,
      changed,
      commands: folded.commands,
    };
  }
}

function isReserved(event: PlaybookEvent): boolean {
  return event.type.startsWith('xstate.') || event.type.includes('*');
}

function compilePolicy(action: string, { mode, expires, undo = 'ask' }: PolicySource): CompiledPolicy {
  return { mode, expiresMs: expires === undefined ? undefined : requireDuration(expires, `expires of the policy of ${action}`), undo };
}

/** Whatever fails in a guard, an assignment, an input or XState is a failure of the playbook. */
function orFailure<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PlaybookFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    // XState puts a line of its own before the message of a guard.
    throw new PlaybookFailure(message.replace(/^Unable to evaluate guard [^\n]*\n/, ''), { cause: error });
  }
}

/** Rules 11 and 12: what a built-in results in stands in `event.output` itself, too. */
function outputOf(src: string | undefined, output: EffectOutput): JsonObject {
  return src?.startsWith('core.') && isJsonObject(output.result) ? { ...output.result, ...output } : output;
}
