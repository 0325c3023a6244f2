import { uuidv7, type ActionDescription, type ActionDescriptions, type IncidentSnapshot, type Principal } from '../../kernel/index.js';
import { snapshotOf, type IncidentReader, type IncidentVisibility } from '../../incident/index.js';
import type { Database } from '../../platform/index.js';
import type { Circumstances, Usage } from './circumstances.js';
import type { GovernorRequest, Verdict } from './governor.js';
import { governorErrors } from './governor.errors.js';
import type { GovernorPolicy } from './governor-policy.js';
import type { ExplainQuery } from './governor.schema.js';
import { nearestActions } from './nearest-actions.js';
import { shareLimit } from './judge-limits.js';
import type { KillSwitch } from './kill-switch.js';
import type { KillSwitches } from './kill-switches.js';
import type { PostgresGovernor } from './postgres-governor.js';
import type { SlotStore } from './slot-store.js';
import type { SubjectReader } from './subject-reader.js';

export interface GovernorDeskParts {
  readonly database: Database;
  readonly policy: GovernorPolicy;
  readonly governor: PostgresGovernor;
  readonly switches: KillSwitches;
  readonly slots: SlotStore;
  readonly subjects: SubjectReader;
  readonly incidents: IncidentReader;
  readonly visibility: IncidentVisibility;
  readonly catalogue: ActionDescriptions;
}

export interface GovernorStatus {
  readonly switches: readonly KillSwitch[];
  readonly policy: GovernorPolicy;
  readonly usage: Pick<Usage, 'destructiveInHour' | 'identitiesHit' | 'directorySize'> & { readonly shareLimit: number };
}

export interface Explanation {
  readonly action: ActionDescription;
  readonly verdict: Verdict;
  readonly circumstances: Circumstances;
}

/** Whoever works on the command line of the server sees all. */
const NOBODY = { person: null };

/** What people ask the governor. Nothing here takes a slot. */
export class GovernorDesk {
  constructor(private readonly parts: GovernorDeskParts) {}

  async status(): Promise<GovernorStatus> {
    const { database, policy, switches, slots, subjects } = this.parts;
    const usage = await database.transaction(async (tx) => {
      const directorySize = await subjects.size(tx);
      return { ...(await slots.totals(tx, policy)), directorySize, shareLimit: shareLimit(policy.caps, directorySize) };
    });
    return { switches: await switches.list(), policy, usage };
  }

  /** @throws CordonError `governor.action_unknown`, `incident.unknown`, also for an incident of which the caller must not know */
  async explain({ action: id, entities, mode, incidentId }: ExplainQuery, caller: Pick<Principal, 'person'> = NOBODY): Promise<Explanation> {
    const { database, governor, catalogue } = this.parts;
    const incident = await this.#incident(incidentId, caller);
    const action = catalogue.find(id);
    if (!action) throw governorErrors.create('governor.action_unknown', { field: 'action', detail: `${id}; nearest: ${nearestActions(catalogue, id)}` });
    const request: GovernorRequest = {
      effectId: uuidv7(), runId: uuidv7(), playbook: '(none: this is a question)', action, input: {}, entities, mode, incident, approved: null, isUndo: false,
    };
    return { action, ...(await database.transaction((tx) => governor.explain(tx, request))) };
  }

  async #incident(id: string | undefined, caller: Pick<Principal, 'person'>): Promise<IncidentSnapshot | null> {
    return id === undefined ? null : snapshotOf(await this.parts.incidents.require(id, await this.parts.visibility.of(caller)));
  }
}
