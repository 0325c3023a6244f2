import type { JsonObject, JsonValue } from '../../kernel/index.js';

/**
 * A playbook as its author writes it (`cordon.playbook/1`), parsed and of the right shape: names, expressions and structure
 * are not checked yet. Text in `"${ … }"` is a CEL expression wherever {@link Templated} stands.
 */
export interface PlaybookSource {
  readonly format: 'cordon.playbook/1';
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  readonly title: string;
  readonly trigger: TriggerSource;
  /** JSON Schema of what a deployment may set. */
  readonly params?: JsonObject;
  readonly context: { readonly schema: JsonObject; readonly initial: Readonly<Record<string, Templated>> };
  readonly policy?: Readonly<Record<string, PolicySource>>;
  readonly machine: StateSource;
}

/** JSON in whose strings expressions may stand. */
export type Templated = JsonValue;

export interface TriggerSource {
  readonly on: 'incident.opened' | 'incident.updated' | 'manual';
  readonly when?: string;
  /** Higher goes first where several playbooks want the same entity. Default 0. */
  readonly priority?: number;
}

/** Modes of the governor, from the least to the most it lets happen by itself. */
export const GOVERNOR_MODES = ['observe', 'suggest', 'ask', 'auto'] as const;
export type GovernorMode = (typeof GOVERNOR_MODES)[number];

export interface PolicySource {
  readonly mode?: GovernorMode;
  /** ISO 8601 duration after which the containment is to be reviewed. */
  readonly expires?: string;
  readonly undo?: 'auto' | 'ask' | 'none';
}

export interface StateSource {
  readonly type?: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description?: string;
  readonly initial?: string;
  readonly states?: Readonly<Record<string, StateSource>>;
  /** Of a history state. */
  readonly history?: 'shallow' | 'deep';
  readonly target?: string;
  readonly on?: Readonly<Record<string, Transitions>>;
  readonly always?: Transitions;
  /** Keys are ISO 8601 durations or expressions. */
  readonly after?: Readonly<Record<string, Transitions>>;
  readonly entry?: readonly ActionSource[];
  readonly exit?: readonly ActionSource[];
  readonly invoke?: InvokeSource;
  /** Of a compound or parallel state whose children are final. */
  readonly onDone?: Transitions;
  /** Of a final state of the root. */
  readonly outcome?: Outcome;
}

export const OUTCOMES = ['contained', 'refused', 'failed', 'cancelled', 'released'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A target's name, one transition, or several of which the first whose guard holds is taken. */
export type Transitions = string | TransitionSource | readonly (string | TransitionSource)[];

export interface TransitionSource {
  readonly target?: string;
  readonly guard?: string;
  /** Dotted path of the context → value. All read the context as it was. */
  readonly assign?: Readonly<Record<string, Templated>>;
  readonly actions?: readonly ActionSource[];
  /** Of `after` only; default wall. */
  readonly clock?: 'wall' | 'business' | 'frozen';
}

export type ActionSource = { readonly assign: Readonly<Record<string, Templated>> } | { readonly type: string; readonly params?: Readonly<Record<string, Templated>> };

export interface InvokeSource {
  /** Unique in the playbook: approvals and undo name it. */
  readonly id: string;
  /** Id of an action, or of a built-in (`core.approval`, `core.undo`). */
  readonly src: string;
  readonly input?: Readonly<Record<string, Templated>>;
  /** ISO 8601 duration for all attempts together. */
  readonly timeout?: string;
  readonly retry?: RetrySource;
  readonly onDone: Transitions;
  readonly onError?: Transitions;
}

export interface RetrySource {
  /** Most attempts after the first. */
  readonly max?: number;
  readonly backoff?: string;
  readonly factor?: number;
  readonly cap?: string;
  readonly on?: readonly string[];
}
