import type { ResolvedConfig } from '../../config/index.js';
import { IncidentReader, IncidentVisibility } from '../../incident/index.js';
import type { ActionDescriptions, AuditSink, Directory, FactSink } from '../../kernel/index.js';
import type { Database, Telemetry, WakeUp } from '../../platform/index.js';
import { GovernorDesk } from './governor-desk.js';
import { governorLogEvents } from './governor.log-events.js';
import { governorMetrics } from './governor.metrics.js';
import { policyOf } from './governor-policy.js';
import { KillSwitches } from './kill-switches.js';
import { PostgresGovernor } from './postgres-governor.js';
import { SlotStore } from './slot-store.js';
import { SubjectReader } from './subject-reader.js';

export interface OpenGovernorParts {
  readonly config: Pick<ResolvedConfig, 'respond' | 'sources'>;
  readonly database: Database;
  readonly telemetry: Telemetry;
  readonly facts: FactSink;
  readonly written: WakeUp;
  readonly audit: AuditSink;
  readonly directory: Directory;
  readonly catalogue: ActionDescriptions;
}

export interface OpenGovernor {
  readonly governor: PostgresGovernor;
  readonly switches: KillSwitches;
  readonly desk: GovernorDesk;
}

/** The governor with all that belongs to it, for the server and for the command line. */
export function openGovernor({ config, database, telemetry, facts, written, audit, directory, catalogue }: OpenGovernorParts): OpenGovernor {
  const policy = policyOf(config);
  const [slots, subjects] = [new SlotStore(), new SubjectReader(directory, policy.protected)];
  const log = telemetry.log(governorLogEvents);
  const switches = new KillSwitches({ database, facts, audit, log, written, catalogue });
  const governor = new PostgresGovernor({ policy, subjects, slots, switches, log, metrics: telemetry.metrics(governorMetrics) });
  return { governor, switches, desk: new GovernorDesk({ database, policy, governor, switches, slots, subjects, catalogue, incidents: new IncidentReader(database), visibility: new IncidentVisibility(directory) }) };
}
