import type { Fact, FactReader, IncidentFactBodies, IncidentSnapshot, JsonObject } from '../../kernel/index.js';
import { toJson, type Batch, type BatchHandler, type DatabaseTx } from '../../platform/index.js';
import type { PlaybookEvent } from '../engine/compiled-playbook.js';
import { PUT_INBOX, RUNS_OF_INCIDENT } from './sql.js';
import { RUNTIME_ACTOR } from './stated.js';
import type { StepBatch } from './step-batch.js';
import type { StepParts } from './step-parts.js';
import { incidentKey, type RunStarter } from './run-starter.js';
import type { Runtime } from './runtime.js';

/** Facts of incidents that start runs or concern those under way. */
const CONCERNING = ['incident.opened', 'incident.updated', 'incident.merged', 'incident.closed', 'incident.reopened'] as const;
type Concerning = (typeof CONCERNING)[number];
type Body = IncidentFactBodies[Concerning];

/** An incident as it is now. */
export interface IncidentNow {
  readonly incident: IncidentSnapshot;
  readonly signalIds: string[];
}

/** What may start runs: the episode of an incident, and what its playbooks see of it. */
interface Happened {
  readonly type: 'incident.opened' | 'incident.updated';
  readonly incident: IncidentSnapshot;
  readonly body: JsonObject;
}

export interface RespondHandlerParts {
  readonly facts: FactReader;
  readonly incident: (tx: DatabaseTx, id: string) => Promise<IncidentNow | undefined>;
  readonly starter: RunStarter;
  readonly runtime: Runtime;
  readonly log: StepParts['log'];
  readonly metrics: StepParts['metrics'];
}

/**
 * Facts to runs: an opening, re-opening or update starts the playbooks whose trigger holds, in the transaction that reads the fact,
 * and so does a merge, for the incident that stays; whatever else happens to an incident goes into the inbox of its runs.
 */
export class RespondHandler implements BatchHandler<Fact> {
  /** Handled, and its commit not known yet. */
  #open: StepBatch | undefined;

  constructor(private readonly parts: RespondHandlerParts) {}

  async read(cursor: number, limit: number): Promise<{ rows: readonly Fact[]; cursor: number }> {
    const { facts, cursor: to } = await this.parts.facts.read(cursor, limit);
    return { rows: facts.filter(({ type }) => (CONCERNING as readonly string[]).includes(type)), cursor: to };
  }

  reset(): Promise<void> {
    return Promise.resolve();
  }

  async handle(tx: DatabaseTx, { rows }: Batch<Fact>): Promise<() => void> {
    const { stepper } = this.parts.runtime;
    const batch = stepper.batch(tx);
    this.#open = batch;
    let told = 0;
    const started = await this.#started(tx, rows);
    for (const fact of rows) {
      told += await this.#tell(batch, fact);
      await this.#start(batch, fact, started);
    }
    await batch.write();
    return () => {
      this.#open = undefined;
      stepper.committed(batch);
      if (told > 0) this.parts.runtime.notify();
    };
  }

  /** Gives back the places that calls of the batch had: they are not made now. After a commit of unknown outcome their leases run out. */
  abandon(): void {
    if (this.#open) this.parts.runtime.stepper.abandoned(this.#open);
    this.#open = undefined;
  }

  async reject(_tx: DatabaseTx, { id, type, subject }: Fact, error: unknown): Promise<void> {
    this.parts.log('respond.fact_rejected', { fact: id, type, subject, error });
  }

  /** Runs that exist already, of all that the facts could start. */
  async #started(tx: DatabaseTx, rows: readonly Fact[]): Promise<Set<string>> {
    const { starter } = this.parts;
    const pairs = rows.flatMap((fact) => {
      const key = fact.type === 'incident.merged' ? incidentKey(...intoOf(fact)) : incidentKey(...aboutOf(fact));
      return starter.on(happenedIn(fact)).map(({ source }) => ({ playbook: source.id, key }));
    });
    return starter.started(tx, pairs);
  }

  async #happened(tx: DatabaseTx, fact: Fact): Promise<Happened | undefined> {
    if (fact.type === 'incident.closed') return undefined;
    if (fact.type === 'incident.merged') return this.#grown(tx, fact);
    return { type: happenedIn(fact), incident: (fact.body as Body).incident, body: fact.body };
  }

  /**
   * What an incident took in may be what its playbooks waited for, and the runs of the absorbed one end. Its fact tells only of the
   * absorbed one, so the other is taken as it is now; where it went on since (closed, merged, re-opened), the facts of that count.
   */
  async #grown(tx: DatabaseTx, fact: Fact): Promise<Happened | undefined> {
    const [id, episode] = intoOf(fact);
    const { incident, signalIds } = (await this.parts.incident(tx, id)) ?? {};
    if (!incident || incident.episode !== episode || incident.status === 'closed' || incident.status === 'merged') return undefined;
    return { type: 'incident.opened', incident, body: { incidentId: id, episode, incident, signalIds: signalIds ?? [] } };
  }

  async #start(batch: StepBatch, fact: Fact, started: Set<string>): Promise<void> {
    const { starter, log, metrics } = this.parts;
    const happened = await this.#happened(batch.tx, fact);
    if (!happened) return;
    const { incident } = happened;
    for (const playbook of starter.on(happened.type)) {
      const key = `${playbook.source.id} ${incidentKey(incident.id, incident.episode)}`;
      if (started.has(key)) continue;
      const event: PlaybookEvent = { ...happened.body, type: playbook.source.trigger.on };
      try {
        const run = await starter.startFor(batch, playbook, event, incident);
        if (!run) continue;
        started.add(key);
        batch.reports.push(() => {
          metrics.cordon_respond_runs_started_total.inc({ playbook: run.playbookId });
          log('respond.run_started', { run: run.id, playbook: run.playbookId, incident: incident.id, episode: incident.episode });
        });
      } catch (error) {
        // A playbook that cannot start here keeps neither the others nor the next fact from starting.
        started.add(key);
        batch.changes.deadLetter(null, playbook.source.id, event, error);
        log('respond.start_failed', { playbook: playbook.source.id, incident: incident.id, error });
      }
    }
  }

  /** Puts the fact into the inboxes of the runs that it concerns. Gives their number. */
  async #tell(batch: StepBatch, fact: Fact): Promise<number> {
    const { tx } = batch;
    const { type, id } = fact;
    if (type === 'incident.opened') return 0;
    const body = fact.body as Body;
    // A re-opening is news for the runs of earlier episodes; the new one has its own.
    const runs = await tx.query<{ id: string }>(RUNS_OF_INCIDENT, [body.incidentId, type === 'incident.reopened' ? null : body.episode]);
    const event: PlaybookEvent = { ...(fact.body as JsonObject), type: type === 'incident.updated' ? 'signal.added' : type };
    // Runs that an earlier fact of this batch started are not in the table yet.
    for (const unit of batch.units) {
      const { incidentId, episode } = unit.run;
      if (incidentId === body.incidentId && (type === 'incident.reopened' || episode === body.episode)) await batch.deliver(unit, { kind: 'event', event });
    }
    if (runs.length === 0) return 0;
    const entries = runs.map(({ id: runId }) => ({ run_id: runId, dedupe_key: `fact:${id}`, body: { input: { kind: 'event', event } }, actor: RUNTIME_ACTOR }));
    await tx.query(PUT_INBOX, [toJson(entries), tx.now]);
    return runs.length;
  }
}

const happenedIn = ({ type }: Fact): 'incident.opened' | 'incident.updated' => (type === 'incident.updated' ? 'incident.updated' : 'incident.opened');
const aboutOf = ({ body }: Fact): [id: string, episode: number] => [(body as Body).incidentId, (body as Body).episode];

function intoOf({ body }: Fact): [id: string, episode: number] {
  const { into, intoEpisode } = body as IncidentFactBodies['incident.merged'];
  return [into, intoEpisode];
}
