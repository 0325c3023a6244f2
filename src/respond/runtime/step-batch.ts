import type { EffectError, IncidentSnapshot, JsonObject } from '../../kernel/index.js';
import { isJsonObject, uuidv7 } from '../../kernel/index.js';
import { crashPoint, toJson, type DatabaseTx } from '../../platform/index.js';
import type { CompiledPlaybook, PlaybookEvent, Step, StepInput } from '../engine/compiled-playbook.js';
import { admit } from './admission.js';
import { advance, type Advance } from './advance.js';
import { containmentComplete, isDestructive, residualAccess, withLeft } from './containment.js';
import { carryOut, type Deferred } from './deferred.js';
import { APPROVAL_ACTION, type Effect } from './effect.js';
import { chained, NO_HASH, type RunEventBody } from './run-event.js';
import { fromRunRow, type RunRow } from './rows.js';
import type { Run } from './run.js';
import { LOCK_RUNS, PUT_INBOX } from './sql.js';
import { runFact, RUNTIME_ACTOR } from './stated.js';
import { StepChanges, type GivenUp } from './step-changes.js';
import type { StepParts } from './step-parts.js';

/** What an effect came to. Only the round of the run that waits for this very effect hears it. */
export interface Completion {
  readonly input: StepInput;
  readonly effectId: string;
}

/** A run that this transaction holds, with what is still to be given to its machine. */
export interface Unit {
  run: Run;
  readonly playbook: CompiledPlaybook;
  readonly queue: Completion[];
  /** Inputs that it gave itself in this transaction. */
  own: number;
}

export interface StartRequest {
  readonly startKey: string;
  readonly event: PlaybookEvent;
  readonly params: JsonObject;
  readonly incident: IncidentSnapshot | null;
  /** Null where the product itself starts it. */
  readonly requestedBy: string | null;
}

/** What became of something that was given to a run. `held`: the run is suspended and gets it later. */
export type Delivery = 'applied' | 'ignored' | 'dead' | 'held' | 'finished';

/** Inputs that a run gives itself within one transaction, e.g. through actions in our own database, before it goes on in the next. */
const MOST_STEPS = 50;

/**
 * One transaction over one or several runs: holds their rows, gives their machines what came, and writes all that follows
 * (states, log, effects, timers, facts, audit) together. Nothing outside the database happens here.
 */
export class StepBatch {
  readonly changes = new StepChanges();
  /** Leased to this instance with the commit: to be called then. */
  readonly handedOver: Effect[] = [];
  /** Effects of this instance or another whose call is to be broken off. */
  readonly givenUp: string[] = [];
  /** Whether something was left that any instance may take. */
  leftWork = false;
  /** Called once the commit is certain. */
  readonly reports: (() => void)[] = [];
  readonly #units = new Map<string, Unit>();
  #deferred: Deferred[] = [];

  constructor(
    readonly parts: StepParts,
    readonly tx: DatabaseTx,
  ) {}

  /** Locks runs; nobody else changes them or what belongs to them until the end of the transaction. */
  async hold(ids: readonly string[]): Promise<void> {
    const rows = await this.tx.prepared<RunRow>(LOCK_RUNS.name, LOCK_RUNS.text, [ids]);
    for (const row of rows) {
      const run = fromRunRow(row);
      this.#units.set(run.id, { run, playbook: await this.parts.playbooks.of(run.playbookHash), queue: [], own: 0 });
    }
  }

  unit(id: string): Unit | undefined {
    return this.#units.get(id);
  }

  get units(): Iterable<Unit> {
    return this.#units.values();
  }

  /** @throws PlaybookFailure and whatever else the machine fails with: nothing of the run is kept */
  async start(playbook: CompiledPlaybook, request: StartRequest): Promise<Run> {
    const { event, params, incident, requestedBy } = request;
    const { now } = this.tx;
    const step = playbook.start(event, params, now);
    const run: Run = {
      id: uuidv7(now.getTime()), playbookId: playbook.source.id, playbookHash: playbook.hash, startKey: request.startKey, incidentId: incident?.id ?? null, episode: incident?.episode ?? null,
      incident, trigger: event, requestedBy, priority: playbook.source.trigger.priority ?? 0, status: 'active', outcome: null, seq: 0, lastHash: NO_HASH, value: step.value, state: step.state,
      awaits: { invokes: {}, timers: {} }, approvals: {}, containing: {}, containedAt: null, startedAt: now, updatedAt: now, finishedAt: null,
    };
    const actor = requestedBy ?? RUNTIME_ACTOR;
    const first = advance(run, { kind: 'start', event, params }, step, actor, now);
    const unit: Unit = { run: first.run, playbook, queue: [], own: 0 };
    this.#units.set(run.id, unit);
    this.changes.newRun(first.run);
    const { version } = playbook.source;
    this.changes.facts.push(runFact('run.started', run, { version, hash: playbook.hash, by: actor }));
    this.changes.audits.push({ action: 'respond.run_started', actor, target: `run:${run.id}`, detail: { playbook: run.playbookId, version, hash: playbook.hash, incident: run.incidentId } });
    await this.#take(unit, first, actor);
    return unit.run;
  }

  /**
   * Gives the machine of a run one input. Where the machine fails on an event, the run stays as it was; where it fails on what
   * comes once, a completion or a timer, the run would wait for ever, and ends.
   *
   * @param effectId of the effect that a completion is of
   */
  async deliver(unit: Unit, input: StepInput, actor = RUNTIME_ACTOR, effectId?: string): Promise<Delivery> {
    const { run, playbook } = unit;
    if (run.status === 'suspended') {
      await this.#hold(unit, input, actor, effectId);
      return 'held';
    }
    if (run.status !== 'active') return 'finished';
    if (effectId !== undefined && 'invokeId' in input && run.awaits.invokes[input.invokeId] !== effectId) return 'ignored';
    let step: Step;
    let next: Advance;
    try {
      step = playbook.apply(run.state, input, this.tx.now);
      next = advance(withNews(run, input), input, step, actor, this.tx.now);
    } catch (error) {
      this.changes.deadLetter(run.id, run.playbookId, { input } as unknown as JsonObject, error);
      this.reports.push(() => this.parts.log('respond.event_dead', { run: run.id, playbook: run.playbookId, kind: input.kind, error }));
      if (input.kind !== 'event') this.#fail(unit, input, error);
      return 'dead';
    }
    await this.#take(unit, next, actor);
    return step.changed ? 'applied' : 'ignored';
  }

  #fail(unit: Unit, { kind }: StepInput, error: unknown): void {
    this.stopWaiting(unit);
    const detail = { input: kind, why: error instanceof Error ? error.message : String(error) };
    this.record(unit, { ...unit.run, status: 'done', outcome: 'failed', finishedAt: this.tx.now }, 'failed', detail, RUNTIME_ACTOR);
    this.finished(unit, RUNTIME_ACTOR);
  }

  /** Gives up all that a run waits for. */
  stopWaiting(unit: Unit): void {
    const { run } = unit;
    this.detach(Object.values(run.awaits.invokes));
    for (const timerId of Object.keys(run.awaits.timers)) this.changes.timer(run.id, timerId, undefined);
    unit.run = { ...run, awaits: { invokes: {}, timers: {} } };
  }

  /** Notes in the run's log what was done to it, with the run as it is then. */
  record(unit: Unit, run: Run, command: string, detail: JsonObject, actor: string): void {
    const body: RunEventBody = { kind: 'command', command, detail };
    const seq = run.seq + 1;
    const event = chained(run.lastHash, { runId: run.id, seq, at: this.tx.now, actor, changed: false, value: run.value }, body);
    unit.run = { ...run, seq, lastHash: event.hash, updatedAt: this.tx.now };
    this.changes.run(unit.run);
    this.changes.event(event);
    this.changes.audits.push({ action: `respond.run_${command}`, actor, target: `run:${run.id}`, detail });
  }

  /** Gives up effects whose state was left. */
  detach(ids: Iterable<string>): void {
    for (const id of ids) {
      const unwritten = this.changes.detach(id);
      if (!unwritten) continue;
      // What was to be done once its row stands is not done either.
      this.#deferred = this.#deferred.filter(({ effect }) => effect.id !== id);
      if (unwritten.status === 'leased') {
        this.handedOver.splice(this.handedOver.findIndex((effect) => effect.id === id), 1);
        this.parts.slots.release();
        this.defer({ kind: 'release', effect: unwritten });
      }
    }
  }

  /** States that a run is at its end. */
  finished({ run }: Unit, by: string): void {
    const outcome = run.outcome ?? 'failed';
    this.changes.facts.push(runFact('run.finished', run, { outcome, by }));
    this.changes.audits.push({ action: 'respond.run_finished', actor: by, target: `run:${run.id}`, detail: { playbook: run.playbookId, outcome } });
    this.reports.push(() => this.parts.metrics.cordon_respond_runs_finished_total.inc({ playbook: run.playbookId, outcome }));
  }

  /** Something that is done once the rows stand. */
  defer(deferred: Deferred): void {
    // Whether a plan that waits may begin is asked of the run, not of the effect: twice would begin it twice.
    const { kind, effect } = deferred;
    if (kind === 'late' && this.#deferred.some((other) => other.kind === kind && other.effect.runId === effect.runId)) return;
    this.#deferred.push(deferred);
  }

  /** Lets the machine of an effect's run hear that it failed before it was ever called. */
  refuse(unit: Unit, { id: effectId, invokeId }: Effect, error: EffectError): void {
    if (invokeId !== null) unit.queue.push({ input: { kind: 'error', invokeId, error }, effectId });
  }

  /** Gives the machines what they gave themselves, and writes; again, until nothing follows any more. */
  async write(): Promise<void> {
    do {
      for (const unit of this.#units.values()) await this.drain(unit);
      for (const effect of await this.changes.write(this.tx, this.parts.instance)) await this.#gaveUp(effect);
      for (const deferred of this.#deferred.splice(0)) await carryOut(this, deferred);
    } while (this.changes.pending || this.#deferred.length > 0 || [...this.#units.values()].some(({ queue }) => queue.length > 0));
    await this.parts.facts.append(this.tx, this.changes.facts);
    await this.parts.audit.record(this.tx, this.changes.audits);
    crashPoint('runtime.before_commit');
  }

  async #gaveUp({ id, status, verdict, action, happened }: GivenUp): Promise<void> {
    const { governor, desk } = this.parts;
    if (status === 'leased') this.givenUp.push(id);
    else if (happened) return;
    else if (verdict?.decision === 'go') await governor.release(this.tx, id);
    else if (verdict?.decision === 'ask' || action === APPROVAL_ACTION) await desk.withdraw(this.tx, id, 'the run went on without it');
  }

  /** Keeps an input for a later transaction. */
  async #hold({ run }: Unit, input: StepInput, actor: string, effectId: string | undefined): Promise<void> {
    await this.tx.query(PUT_INBOX, [toJson([{ run_id: run.id, dedupe_key: `held:${uuidv7()}`, body: { input, effectId }, actor }]), this.tx.now]);
    this.leftWork = true;
  }

  /** Gives the machine of a run what it gave itself. */
  async drain(unit: Unit): Promise<void> {
    for (let next = unit.queue.shift(); next; next = unit.queue.shift()) {
      const { input, effectId } = next;
      if (++unit.own > MOST_STEPS) await this.#hold(unit, input, RUNTIME_ACTOR, effectId);
      else await this.deliver(unit, input, RUNTIME_ACTOR, effectId);
    }
  }

  async #take(unit: Unit, { run, event, effects, detached, timers }: Advance, actor: string): Promise<void> {
    const before = unit.run;
    const destroys = (action: string): boolean => isDestructive(this.parts.actions, unit.playbook, action);
    unit.run = detached.length > 0 ? withLeft(run, before.awaits.invokes, detached, unit.playbook.source, destroys) : run;
    this.changes.event(event);
    this.detach(detached);
    for (const [timerId, timer] of timers) this.changes.timer(run.id, timerId, timer);
    for (const effect of effects) await admit(this, unit, effect);
    if (unit.run.status === 'done') this.finished(unit, actor);
    this.#contain(unit, before, destroys);
    this.changes.run(unit.run);
    this.reports.push(() => this.parts.metrics.cordon_respond_steps_total.inc({ kind: event.kind }));
  }

  /** States that the incident is contained, once. */
  #contain(unit: Unit, before: Run, destroys: (action: string) => boolean): void {
    const { run, playbook } = unit;
    if (run.containedAt || before.containedAt || run.incidentId === null || run.episode === null) return;
    if (!containmentComplete(playbook, run, destroys)) return;
    const { now } = this.tx;
    unit.run = { ...run, containedAt: now };
    const body = { incidentId: run.incidentId, episode: run.episode, residualAccessUntil: residualAccess(run.containing), by: RUNTIME_ACTOR };
    this.changes.facts.push({ type: 'containment.verified', subject: `incident:${run.incidentId}`, body });
    this.reports.push(() => this.parts.metrics.cordon_respond_containment_seconds.observe({ playbook: run.playbookId }, (now.getTime() - run.startedAt.getTime()) / 1000));
  }
}

/** A run knows of its incident what the newest event told. */
function withNews(run: Run, input: StepInput): Run {
  if (input.kind !== 'event' || !isJsonObject(input.event.incident)) return run;
  const incident = input.event.incident as IncidentSnapshot;
  return incident.id === run.incidentId && incident.episode === run.episode ? { ...run, incident } : run;
}
