import type { ActionErrorCode, JsonObject, JsonValue } from '../../../kernel/index.js';
import type { Outcome } from '../playbook-source.js';

/** An effect that the run asked for. Types, so that they count as JSON. */
export type ScenarioEffect = {
  /** Null for an effect that nobody waits for, and for one of an undo. */
  invoke: string | null;
  action: string;
  input: JsonObject;
  /** Since the start of the run, ISO 8601. */
  at: string;
  /** `cancelled`: its state was left before it answered. */
  status: 'waiting' | 'done' | 'failed' | 'cancelled';
  code?: ActionErrorCode;
  /** Of an effect of an undo: the invoke whose effect it takes back. */
  undoes?: string;
};

export type ScenarioTimer = {
  id: string;
  /** From when it was armed, ISO 8601; negative where that has passed already. */
  due: string;
  clock: string;
  status: 'armed' | 'fired' | 'cancelled';
};

export type ScenarioApproval = {
  invoke: string;
  /** The governor asks for an effect that its mode does not let go, and that no approval of the run covers. */
  asked: 'playbook' | 'governor';
  role: JsonValue;
  quorum: JsonValue;
  /** From when it was asked. */
  deadline: string;
  onDeadline: string;
  approves: JsonValue;
  decision: 'open' | 'approved' | 'refused' | 'expired' | 'withdrawn';
};

/** What a run did in a scenario. */
export interface ScenarioResult {
  /** Paths of the states entered, in order. */
  readonly states: readonly string[];
  readonly effects: readonly ScenarioEffect[];
  readonly timers: readonly ScenarioTimer[];
  readonly approvals: readonly ScenarioApproval[];
  /** What the log of facts would say of the run. */
  readonly facts: readonly JsonObject[];
  /** Events that nothing waited for. */
  readonly ignored: readonly string[];
  readonly context: JsonObject;
  /** Where it ended, or where it waits: paths of the innermost states, separated by commas. */
  readonly final: string;
  readonly outcome: Outcome | null;
  /** With what a step failed. */
  readonly failure: string | null;
  /** Ids of the transitions taken. */
  readonly taken: readonly string[];
}
