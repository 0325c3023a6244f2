import type { Command } from '../compiled-playbook.js';
import { formatDuration, parseDuration } from '../duration.js';
import type { ScenarioApproval, ScenarioEffect } from './scenario-result.js';

type Invoke = Extract<Command, { type: 'invoke' }>;

/** For what the governor asks. */
const ASK_DEADLINE = 'PT1H';
/** After an escalation there is at least this long. */
const LEAST_SECOND_MS = 5 * 60_000;

/** A decision asked of people: by the playbook (`core.approval`), or by the governor for one effect. */
export class OpenApproval {
  readonly record: ScenarioApproval;
  readonly approves: readonly string[];
  #deadline: Date;
  #escalated = false;
  readonly #votes: string[] = [];

  constructor(
    readonly invoke: Invoke,
    /** What the governor asks for; undefined where the playbook asks. */
    readonly effect: ScenarioEffect | undefined,
    private readonly at: Date,
  ) {
    const { role = 'approver', quorum = 1, deadline = ASK_DEADLINE, onDeadline = 'refuse', approves = [] } = effect ? {} : invoke.input;
    const length = parseDuration(String(deadline));
    this.#deadline = length === undefined ? new Date(String(deadline)) : new Date(at.getTime() + length);
    this.approves = Array.isArray(approves) ? approves.filter((id) => typeof id === 'string') : [];
    this.record = { invoke: invoke.invokeId, asked: effect ? 'governor' : 'playbook', role, quorum, deadline: formatDuration(this.#deadline.getTime() - at.getTime()), onDeadline: String(onDeadline), approves: [...this.approves], decision: 'open' };
  }

  get deadline(): Date {
    return this.#deadline;
  }

  /** People who voted, as `person:<id>`. */
  by(): string[] {
    return this.#votes.map((person) => `person:${person}`);
  }

  /** One refusal refuses; undefined while the quorum is not reached. */
  vote(people: readonly string[], yes: boolean): 'approved' | 'refused' | undefined {
    this.#votes.push(...people.filter((person) => !this.#votes.includes(person)));
    if (!yes) return 'refused';
    return this.#votes.length >= Number(this.record.quorum) ? 'approved' : undefined;
  }

  /** An escalation gives the same time once more. */
  atDeadline(): 'approved' | 'expired' | undefined {
    if (this.record.onDeadline === 'escalate' && !this.#escalated) {
      this.#escalated = true;
      this.#deadline = new Date(this.#deadline.getTime() + Math.max(this.#deadline.getTime() - this.at.getTime(), LEAST_SECOND_MS));
      return undefined;
    }
    return this.record.onDeadline === 'approve' ? 'approved' : 'expired';
  }
}
