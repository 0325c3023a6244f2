import type { EffectError, EffectOutput, JsonObject, JsonValue } from '../../kernel/index.js';
import type { GovernorMode, Outcome, PlaybookSource } from './playbook-source.js';

/** A playbook that can run. Pure: nothing here waits, calls or knows the time. */
export interface CompiledPlaybook {
  readonly source: PlaybookSource;
  /** sha256 of the RFC 8785 JSON of the parsed source, hex. Runs are pinned to it. */
  readonly hash: string;
  readonly policy: Readonly<Record<string, CompiledPolicy>>;
  /**
   * The deployment's parameters with defaults filled in.
   * @throws CordonError `respond.params_invalid`, naming the parameter
   */
  params(given: JsonObject): JsonObject;
  /** Whether the trigger's condition holds for an event of its kind. @throws ExpressionFailure */
  triggers(event: PlaybookEvent, params: JsonObject, at: Date): boolean;
  /** @throws PlaybookFailure */
  start(event: PlaybookEvent, params: JsonObject, at: Date): Step;
  /**
   * What an event does. An event that nothing waits for changes nothing and gives no commands.
   * @throws PlaybookFailure a guard or an assignment failed; the run stays as it was
   */
  apply(state: RunState, input: StepInput, at: Date): Step;
  /** Whether a transition would be taken for the event. */
  accepts(state: RunState, event: PlaybookEvent, at: Date): boolean;
}

export interface CompiledPolicy {
  readonly mode: GovernorMode | undefined;
  readonly expiresMs: number | undefined;
  readonly undo: 'auto' | 'ask' | 'none';
}

/** An event of the catalogue (rule 13): `incident.merged`, `manual.<name>`, … with its body. */
export interface PlaybookEvent {
  readonly type: string;
  readonly [member: string]: JsonValue;
}

/** What can happen to a run. Completions and timers name what they belong to; only the runtime makes them. */
export type StepInput =
  | { readonly kind: 'event'; readonly event: PlaybookEvent }
  | { readonly kind: 'done'; readonly invokeId: string; readonly output: EffectOutput }
  | { readonly kind: 'error'; readonly invokeId: string; readonly error: EffectError }
  | { readonly kind: 'timer'; readonly timerId: string; readonly due: Date; readonly lateMs: number };

/** Everything a run remembers, as JSON. */
export interface RunState {
  /** Snapshot of XState; opaque. */
  readonly snapshot: JsonObject;
  /** Frozen at the start of the run. */
  readonly params: JsonObject;
}

export interface Step {
  readonly state: RunState;
  /** Current state in XState's form: a name, or an object for compound and parallel states. */
  readonly value: JsonValue;
  readonly context: JsonObject;
  readonly status: 'active' | 'done';
  /** Of the final state reached. */
  readonly outcome: Outcome | undefined;
  /** Whether a transition was taken. */
  readonly changed: boolean;
  /** In the order in which they are to be carried out. */
  readonly commands: readonly Command[];
}

export type Command =
  /** Start an action or built-in whose completion the machine waits for. */
  | { readonly type: 'invoke'; readonly invokeId: string; readonly src: string; readonly input: JsonObject; readonly timeoutMs: number | undefined; readonly retry: RetryPolicy | undefined }
  /** The state that waited was left. */
  | { readonly type: 'cancel-invoke'; readonly invokeId: string }
  /** An effect nobody waits for. */
  | { readonly type: 'notify'; readonly action: string; readonly input: JsonObject }
  | { readonly type: 'arm-timer'; readonly timerId: string; readonly due: Date; readonly clock: 'wall' | 'business' | 'frozen' }
  | { readonly type: 'cancel-timer'; readonly timerId: string };

export interface RetryPolicy {
  /** Most attempts after the first. */
  readonly max: number;
  readonly backoffMs: number;
  readonly factor: number;
  readonly capMs: number;
  /** Error codes that are tried again; undefined: whatever says it is retryable. */
  readonly on: readonly string[] | undefined;
}

/** A guard, an assignment or the machine itself failed on an event. */
export class PlaybookFailure extends Error {
  override readonly name = 'PlaybookFailure';
}
