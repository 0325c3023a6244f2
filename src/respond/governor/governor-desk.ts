import { distance } from 'fastest-levenshtein';
import { uuidv7, type ActionDescription, type ActionDescriptions, type IncidentSnapshot } from '../../kernel/index.js';
import { snapshotOf, type IncidentReader } from '../../incident/index.js';
import type { Database } from '../../platform/index.js';
import type { Circumstances, Usage } from './circumstances.js';
import type { GovernorRequest, Verdict } from './governor.js';
import { governorErrors } from './governor.errors.js';
import type { GovernorPolicy } from './governor-policy.js';
import type { ExplainQuery } from './governor.schema.js';
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

const SUGGESTIONS = 3;

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

  /** @throws CordonError `governor.action_unknown`, `incident.unknown` */
  async explain({ action: id, entities, mode, incidentId }: ExplainQuery): Promise<Explanation> {
    const { database, governor, catalogue } = this.parts;
    const action = catalogue.find(id);
    if (!action) throw governorErrors.create('governor.action_unknown', { field: 'action', detail: `${id}; nearest: ${this.#nearest(id)}` });
    const incident = await this.#incident(incidentId);
    const request: GovernorRequest = {
      effectId: uuidv7(), runId: uuidv7(), playbook: '(none: this is a question)', action, input: {}, entities, mode, incident, approved: null, isUndo: false,
    };
    return { action, ...(await database.transaction((tx) => governor.explain(tx, request))) };
  }

  async #incident(id: string | undefined): Promise<IncidentSnapshot | null> {
    return id === undefined ? null : snapshotOf((await this.parts.incidents.read(id)).incident);
  }

  #nearest(id: string): string {
    const known = this.parts.catalogue.list().map((action) => action.id);
    return known.sort((a, b) => distance(id, a) - distance(id, b)).slice(0, SUGGESTIONS).join(', ') || 'no action is configured';
  }
}
