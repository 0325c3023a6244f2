import { derivedId } from '../../kernel/index.js';
import type { JsonObject } from '../../kernel/index.js';
import type { Command, RetryPolicy, Step } from '../engine/compiled-playbook.js';
import type { EffectKind } from './effect.js';
import { chained, type RunEvent, type RunEventBody } from './run-event.js';
import type { Awaits, Run } from './run.js';

/** An effect that a step asked for, before anyone looked whether and how it may go. */
export interface NewEffect {
  readonly id: string;
  readonly runId: string;
  readonly seq: number;
  readonly index: number;
  readonly kind: EffectKind;
  readonly invokeId: string | null;
  readonly action: string;
  readonly input: JsonObject;
  readonly timeoutMs: number | null;
  readonly retry: RetryPolicy | null;
}

export interface Timer {
  readonly runId: string;
  readonly timerId: string;
  readonly generation: number;
  readonly due: Date;
  readonly clock: 'wall' | 'frozen';
}

/** What one event makes of a run. */
export interface Advance {
  readonly run: Run;
  readonly event: RunEvent;
  /** In the order asked for, without those given up in the same step. */
  readonly effects: readonly NewEffect[];
  /** Effects whose state was left. */
  readonly detached: readonly string[];
  /** Timer id → the timer, or undefined where it is gone. */
  readonly timers: ReadonlyMap<string, Timer | undefined>;
}

/** Carries the commands of a step over to what the run waits for. Pure; the run given stays as it is. */
export function advance(run: Run, body: RunEventBody, step: Step, actor: string, at: Date): Advance {
  const seq = run.seq + 1;
  const fold = new Fold(run, seq, body);
  for (const command of step.commands) fold.take(command);
  if (step.status === 'done') fold.finish();
  const event = chained(run.lastHash, { runId: run.id, seq, at, actor, changed: step.changed, value: step.value }, body);
  return {
    run: {
      ...run, seq, lastHash: event.hash, value: step.value, state: step.state, awaits: fold.awaits, updatedAt: at,
      ...(step.status === 'done' ? { status: 'done' as const, outcome: step.outcome ?? 'failed', finishedAt: at } : {}),
    },
    event,
    effects: fold.effects,
    detached: fold.detached,
    timers: fold.timers,
  };
}

class Fold {
  readonly detached: string[] = [];
  readonly timers = new Map<string, Timer | undefined>();
  #effects: NewEffect[] = [];
  #index = 0;
  readonly #invokes: Map<string, string>;
  readonly #armed: Map<string, number>;

  constructor(
    private readonly run: Run,
    private readonly seq: number,
    body: RunEventBody,
  ) {
    this.#invokes = new Map(Object.entries(run.awaits.invokes));
    this.#armed = new Map(Object.entries(run.awaits.timers));
    // What just came is no longer waited for, whatever the machine does with it.
    if (body.kind === 'done' || body.kind === 'error') this.#invokes.delete(body.invokeId);
    if (body.kind === 'timer') this.#disarm(body.timerId);
  }

  get effects(): readonly NewEffect[] {
    return this.#effects;
  }

  get awaits(): Awaits {
    return { invokes: Object.fromEntries(this.#invokes), timers: Object.fromEntries(this.#armed) };
  }

  take(command: Command): void {
    switch (command.type) {
      case 'invoke': {
        const { invokeId, src, input, timeoutMs = null, retry = null } = command;
        this.#detach(invokeId);
        this.#invokes.set(invokeId, this.#effect({ kind: 'invoke', invokeId, action: src, input, timeoutMs, retry }));
        return;
      }
      case 'cancel-invoke':
        return this.#detach(command.invokeId);
      case 'notify':
        this.#effect({ kind: 'notify', invokeId: null, action: command.action, input: command.input, timeoutMs: null, retry: null });
        return;
      case 'arm-timer': {
        const { timerId, due, clock } = command;
        if (clock === 'business') throw new TypeError(`the timer ${timerId} asks for the business clock, which this version does not have`);
        this.#armed.set(timerId, this.seq);
        this.timers.set(timerId, { runId: this.run.id, timerId, generation: this.seq, due, clock });
        return;
      }
      case 'cancel-timer':
        return this.#disarm(command.timerId);
    }
  }

  /** Nothing more is waited for. Effects that nobody waited for go on. */
  finish(): void {
    for (const invokeId of [...this.#invokes.keys()]) this.#detach(invokeId);
    for (const timerId of [...this.#armed.keys()]) this.#disarm(timerId);
  }

  #effect(effect: Omit<NewEffect, 'id' | 'runId' | 'seq' | 'index'>): string {
    const index = this.#index++;
    const id = derivedId('effect', this.run.id, this.seq, index);
    this.#effects.push({ id, runId: this.run.id, seq: this.seq, index, ...effect });
    return id;
  }

  #detach(invokeId: string): void {
    const id = this.#invokes.get(invokeId);
    if (id === undefined) return;
    this.#invokes.delete(invokeId);
    const before = this.#effects.length;
    // Entered and left within one step: it never was.
    this.#effects = this.#effects.filter((effect) => effect.id !== id);
    if (this.#effects.length === before) this.detached.push(id);
  }

  #disarm(timerId: string): void {
    if (this.#armed.delete(timerId)) this.timers.set(timerId, undefined);
  }
}
