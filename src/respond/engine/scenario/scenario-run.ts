import type { ActionDescription, JsonObject } from '../../../kernel/index.js';
import { PlaybookFailure, type Command, type CompiledPlaybook, type Step, type StepInput } from '../compiled-playbook.js';
import { formatDuration, parseDuration } from '../duration.js';
import { ExpressionFailure } from '../expression.js';
import { admit } from './admission.js';
import { answerOf, output, failed, type Answer } from './answer.js';
import { readNotices } from './instrument.js';
import { innermost } from './innermost.js';
import { OpenApproval } from './open-approval.js';
import type { ScenarioApproval, ScenarioEffect, ScenarioResult, ScenarioTimer } from './scenario-result.js';
import type { Happening, Scenario } from './scenario-source.js';
import { undoEffects, type DoneEffect } from './undo-effects.js';

/** What is known of an action, for its input schema, its timeout and its undo. */
export type Describe = (action: string) => ActionDescription | undefined;

/** Steps after which a run that does not come to rest is given up. */
const MAX_STEPS = 1_000;
/** Where neither the playbook nor the action says how long an effect may take. */
const TIMEOUT_MS = 60_000;
const APPROVAL = 'core.approval';
const UNDO = 'core.undo';

type Invoke = Extract<Command, { type: 'invoke' }>;

/** An effect that is to answer. */
interface Waiting {
  readonly effect: ScenarioEffect;
  /** How many states had been entered when it was asked for. */
  readonly states: number;
  readonly due: Date;
  readonly end: Answer['end'];
}

interface Due {
  readonly at: Date;
  readonly kind: 'answer' | 'approval' | 'timer';
  readonly id: string;
}

/** A run on a clock of its own, in a world that is what the scenario says: there is nothing here that could call anyone. */
export class ScenarioRun {
  readonly #states: string[] = [];
  readonly #taken: string[] = [];
  readonly #effects: ScenarioEffect[] = [];
  readonly #timers: ScenarioTimer[] = [];
  readonly #approvals: ScenarioApproval[] = [];
  readonly #facts: JsonObject[] = [];
  readonly #ignored: string[] = [];
  readonly #waiting = new Map<string, Waiting>();
  readonly #armed = new Map<string, { readonly due: Date; readonly timer: ScenarioTimer }>();
  readonly #open = new Map<string, OpenApproval>();
  /** Invokes that an approval of this run covers. */
  readonly #covered = new Set<string>();
  readonly #done: DoneEffect[] = [];
  /** How often an invoke was called. */
  readonly #calls = new Map<string, number>();
  readonly #start: Date;
  #now: Date;
  #step: Step | undefined;
  #steps = 0;
  #failure: string | null = null;

  constructor(
    private readonly playbook: CompiledPlaybook,
    private readonly scenario: Scenario,
    private readonly describe: Describe,
  ) {
    this.#start = this.#now = new Date(scenario.start);
  }

  run(): ScenarioResult {
    const { scenario, playbook } = this;
    const event = { type: playbook.source.trigger.on, ...scenario.event };
    const params = playbook.params(scenario.params);
    if (this.#attempt(() => playbook.triggers(event, params, this.#now)) !== true) this.#failure ??= 'the condition of the trigger does not hold for the event';
    else {
      this.#facts.push({ type: 'run.started' });
      this.#take(this.#attempt(() => playbook.start(event, params, this.#now)));
    }
    for (const happening of scenario.happens) {
      this.#until(new Date(this.#now.getTime() + ms(happening.after)));
      this.#happen(happening);
    }
    this.#until(this.#now);
    while (this.#waiting.size > 0 && this.#active) this.#next();
    return this.#result();
  }

  get #active(): boolean {
    return this.#failure === null && this.#step?.status === 'active';
  }

  #until(time: Date): void {
    while (this.#active && (this.#due()?.at ?? Infinity) <= time) this.#next();
    if (time > this.#now) this.#now = time;
  }

  /** What comes next; at one instant answers before deadlines before timers, and in the order in which they came up. */
  #due(): Due | undefined {
    const due: Due[] = [
      ...[...this.#waiting].map(([id, waiting]): Due => ({ at: waiting.due, kind: 'answer', id })),
      ...[...this.#open].map(([id, approval]): Due => ({ at: approval.deadline, kind: 'approval', id })),
      ...[...this.#armed].map(([id, armed]): Due => ({ at: armed.due, kind: 'timer', id })),
    ];
    return due.sort((a, b) => Math.max(a.at.getTime(), this.#now.getTime()) - Math.max(b.at.getTime(), this.#now.getTime()))[0];
  }

  #next(): void {
    const due = this.#due();
    if (!due) return;
    if (due.at > this.#now) this.#now = due.at;
    if (due.kind === 'answer') this.#answer(due.id);
    else if (due.kind === 'approval') this.#expire(due.id);
    else this.#fire(due.id, due.at);
  }

  #answer(id: string): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    const { effect, end } = waiting;
    if ('output' in end) {
      effect.status = 'done';
      this.#done.push({ effect, invoke: id, already: end.output.already, states: waiting.states });
      this.#facts.push({ type: 'effect.done', invoke: id, action: effect.action, verify: end.output.verify.state });
      this.#apply({ kind: 'done', invokeId: id, output: end.output });
    } else {
      effect.status = 'failed';
      effect.code = end.error.code;
      this.#facts.push({ type: 'effect.failed', invoke: id, action: effect.action, code: end.error.code });
      this.#apply({ kind: 'error', invokeId: id, error: end.error });
    }
  }

  #fire(id: string, due: Date): void {
    const armed = this.#armed.get(id);
    this.#armed.delete(id);
    if (armed) armed.timer.status = 'fired';
    this.#apply({ kind: 'timer', timerId: id, due, lateMs: this.#now.getTime() - due.getTime() });
  }

  #happen(happening: Happening): void {
    if ('event' in happening) {
      const event = { type: happening.event, ...happening.with };
      const { state } = this.#step ?? {};
      if (!this.#active || !state || this.#attempt(() => this.playbook.accepts(state, event, this.#now)) === false) this.#ignored.push(happening.event);
      else this.#apply({ kind: 'event', event });
    } else if ('approve' in happening) this.#vote(happening.approve, happening, true);
    else if ('refuse' in happening) this.#vote(happening.refuse, happening, false);
  }

  #vote(id: string, { by = ['someone'], reason = '' }: { readonly by?: readonly string[]; readonly reason?: string }, yes: boolean): void {
    const approval = this.#open.get(id);
    if (!approval) {
      this.#failure ??= `nobody asks for ${id} at ${this.#since()}`;
      return;
    }
    const decision = approval.vote(by, yes);
    if (decision) this.#decide(id, approval, decision, reason);
  }

  #expire(id: string): void {
    const approval = this.#open.get(id);
    const decision = approval?.atDeadline();
    if (approval && decision) this.#decide(id, approval, decision, 'nobody decided in time');
  }

  #decide(id: string, approval: OpenApproval, decision: 'approved' | 'refused' | 'expired', reason: string): void {
    this.#open.delete(id);
    approval.record.decision = decision;
    this.#facts.push({ type: decision === 'expired' ? 'approval.expired' : 'approval.decided', invoke: id, decision });
    const { effect, invoke } = approval;
    if (effect === undefined) {
      if (decision === 'approved') for (const covered of approval.approves) this.#covered.add(covered);
      this.#apply({ kind: 'done', invokeId: id, output: output({ decision, by: approval.by(), reason }) });
    } else if (decision === 'approved') this.#call(invoke, effect);
    else this.#end(invoke, effect, { afterMs: 0, end: { error: failed('APPROVAL_DENIED', reason || 'the approval was refused') } });
  }

  #apply(input: StepInput): void {
    const { state } = this.#step ?? {};
    if (!state) return;
    if (++this.#steps > MAX_STEPS) this.#failure ??= `the run does not come to rest within ${MAX_STEPS} steps`;
    if (this.#failure === null) this.#take(this.#attempt(() => this.playbook.apply(state, input, this.#now)));
  }

  #take(step: Step | undefined): void {
    if (!step) return;
    this.#step = step;
    const { entered, taken, commands } = readNotices(step.commands);
    this.#states.push(...entered);
    this.#taken.push(...taken);
    for (const command of commands) this.#carryOut(command);
    if (step.status === 'done') this.#facts.push({ type: 'run.finished', outcome: step.outcome ?? null });
  }

  #carryOut(command: Command): void {
    switch (command.type) {
      case 'invoke':
        return this.#begin(command);
      case 'notify':
        this.#effect(null, command.action, command.input, 'done');
        return;
      case 'cancel-invoke': {
        const approval = this.#open.get(command.invokeId);
        const effect = approval?.effect ?? this.#waiting.get(command.invokeId)?.effect;
        if (approval) approval.record.decision = 'withdrawn';
        if (effect) effect.status = 'cancelled';
        this.#open.delete(command.invokeId);
        this.#waiting.delete(command.invokeId);
        return;
      }
      case 'arm-timer': {
        const timer: ScenarioTimer = { id: command.timerId, due: formatDuration(command.due.getTime() - this.#now.getTime()), clock: command.clock, status: 'armed' };
        this.#timers.push(timer);
        this.#armed.set(command.timerId, { due: command.due, timer });
        return;
      }
      case 'cancel-timer': {
        const armed = this.#armed.get(command.timerId);
        if (armed) armed.timer.status = 'cancelled';
        this.#armed.delete(command.timerId);
      }
    }
  }

  #begin(invoke: Invoke): void {
    const { invokeId, src, input } = invoke;
    const answered = this.scenario.replies[invokeId] !== undefined;
    if (src === APPROVAL && !answered) {
      this.#ask(invoke, undefined);
      return;
    }
    const effect = this.#effect(invokeId, src, input, 'waiting');
    if (src === APPROVAL || (src === UNDO && answered)) {
      this.#call(invoke, effect);
      return;
    }
    if (src === UNDO) {
      this.#undo(invoke, effect);
      return;
    }
    const modes = [this.playbook.policy[src]?.mode, this.scenario.governor[src]];
    const admitted = admit({ action: src, input, description: this.describe(src), modes, covered: this.#covered.has(invokeId) });
    if (admitted === 'go') this.#call(invoke, effect);
    else if (admitted === 'ask') this.#ask(invoke, effect);
    else this.#end(invoke, effect, { afterMs: 0, end: { error: admitted } });
  }

  #ask(invoke: Invoke, effect: ScenarioEffect | undefined): void {
    const approval = new OpenApproval(invoke, effect, this.#now);
    if (Number.isNaN(approval.deadline.getTime())) this.#failure ??= `the deadline of ${invoke.invokeId} is neither a duration nor a time`;
    this.#approvals.push(approval.record);
    this.#open.set(invoke.invokeId, approval);
  }

  #call(invoke: Invoke, effect: ScenarioEffect): void {
    const { invokeId, src, timeoutMs } = invoke;
    const replies = [this.scenario.replies[invokeId] ?? 'done'].flat();
    const calls = this.#calls.get(invokeId) ?? 0;
    this.#calls.set(invokeId, calls + 1);
    this.#end(invoke, effect, answerOf(replies[Math.min(calls, replies.length - 1)] ?? 'done', timeoutMs ?? this.describe(src)?.timeoutMs ?? TIMEOUT_MS));
  }

  #undo(invoke: Invoke, effect: ScenarioEffect): void {
    const { listed, effects } = undoEffects(invoke.input['scope'] ?? 'all', this.#done, this.#states, this.describe, effect.at);
    this.#effects.push(...effects);
    this.#facts.push(...effects.map(({ action, undoes = null }) => ({ type: 'effect.undone', invoke: undoes, action })));
    this.#end(invoke, effect, { afterMs: 0, end: { output: output({ effects: listed }) } });
  }

  #end({ invokeId }: Invoke, effect: ScenarioEffect, { afterMs, end }: Answer): void {
    this.#waiting.set(invokeId, { effect, states: this.#states.length, due: new Date(this.#now.getTime() + afterMs), end });
  }

  #effect(invoke: string | null, action: string, input: JsonObject, status: ScenarioEffect['status']): ScenarioEffect {
    const effect: ScenarioEffect = { invoke, action, input, at: this.#since(), status };
    this.#effects.push(effect);
    return effect;
  }

  #since(): string {
    return formatDuration(this.#now.getTime() - this.#start.getTime());
  }

  #attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof PlaybookFailure) && !(error instanceof ExpressionFailure)) throw error;
      this.#failure = error.message;
      return undefined;
    }
  }

  #result(): ScenarioResult {
    const step = this.#step;
    return {
      states: this.#states, effects: this.#effects, timers: this.#timers, approvals: this.#approvals, facts: this.#facts, ignored: this.#ignored, context: step?.context ?? {},
      final: step ? innermost(step.value).join(', ') : '', outcome: step?.outcome ?? null, failure: this.#failure, taken: this.#taken,
    };
  }
}

function ms(duration: string | undefined): number {
  return duration === undefined ? 0 : (parseDuration(duration) ?? 0);
}
