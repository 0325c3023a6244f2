import { isCordonError, uuidv7, type IncidentSnapshot, type JsonObject } from '../../kernel/index.js';
import { sqlState, type Database } from '../../platform/index.js';
import type { Caller } from '../approval/approval-desk.js';
import type { PlaybookEvent } from '../engine/compiled-playbook.js';
import { respondErrors } from '../respond.errors.js';
import type { RunCommand } from './commands.js';
import type { PlaybookStore } from './playbook-store.js';
import { UUID } from './run-reader.js';
import { incidentKey, type RunStarter } from './run-starter.js';
import type { Runtime } from './runtime.js';
import type { StepBatch } from './step-batch.js';

export interface RunServiceParts {
  readonly database: Database;
  readonly runtime: Runtime;
  readonly playbooks: PlaybookStore;
  readonly starter: RunStarter;
  /** @throws CordonError `incident.unknown`, also for an incident of which the caller must not know */
  readonly incident: (id: string, caller: Caller) => Promise<IncidentSnapshot>;
}

export interface ManualStart {
  readonly playbook: string;
  /** The caller's own name for this start: a second one under it is refused. */
  readonly key: string | undefined;
  readonly incident: string | undefined;
  readonly data: JsonObject;
}

const UNIQUE_VIOLATION = '23505';

/** What people do with runs. Each act is one transaction and answered when it is durable. */
export class RunService {
  constructor(private readonly parts: RunServiceParts) {}

  /** Gives the id of the new run. @throws CordonError `respond.playbook_unknown`, `respond.trigger_refused`, `respond.run_exists`, `incident.unknown` */
  async start({ playbook: id, key, incident: incidentId, data }: ManualStart, caller: Caller): Promise<string> {
    const { playbooks, starter, runtime, database } = this.parts;
    const playbook = playbooks.find(id);
    if (!playbook) throw respondErrors.create('respond.playbook_unknown', { field: 'playbook', detail: `playbook: no playbook ${id.slice(0, 80)}` });
    if (!starter.enabled(playbook)) throw respondErrors.create('respond.trigger_refused', { detail: `playbooks.${id}.enabled is false` });
    const incident = incidentId === undefined ? null : await this.parts.incident(incidentId, caller);
    const about: JsonObject = incident ? { incidentId: incident.id, episode: incident.episode } : {};
    const event: PlaybookEvent = { ...data, ...about, incident, type: 'manual' };
    const startKey = incident && key === undefined ? incidentKey(incident.id, incident.episode) : `manual:${key ?? uuidv7()}`;
    let batch: StepBatch | undefined;
    try {
      const run = await database.transaction(async (tx) => {
        batch = runtime.stepper.batch(tx);
        const params = starter.paramsOf(playbook);
        // A person may start what an incident would; the condition of the trigger holds for both.
        if (playbook.source.trigger.on === 'manual' && !playbook.triggers(event, params, tx.now)) throw new Error('the condition of its trigger does not hold');
        const started = await batch.start(playbook, { startKey, event, params, incident, requestedBy: caller.actor });
        await batch.write();
        return started;
      });
      if (batch) runtime.stepper.committed(batch);
      return run.id;
    } catch (cause) {
      if (batch) runtime.stepper.abandoned(batch);
      if (sqlState(cause) === UNIQUE_VIOLATION) throw respondErrors.create('respond.run_exists', { detail: `${id} has a run ${startKey}`, cause });
      if (isCordonError(cause) || sqlState(cause) !== undefined) throw cause;
      throw respondErrors.create('respond.trigger_refused', { detail: cause instanceof Error ? cause.message : String(cause), cause });
    }
  }

  /** @throws CordonError `respond.run_unknown`, `respond.run_state`, `respond.event_not_accepted` */
  async command(runId: string, command: RunCommand, caller: Caller): Promise<void> {
    const done = UUID.test(runId) ? await this.parts.runtime.stepper.submit({ kind: 'command', runId, command, caller }) : undefined;
    if (!done?.run) throw respondErrors.create('respond.run_unknown', { field: 'id' });
  }
}
