import type { MigrationInterface } from 'typeorm';
import { Log } from './0001-log.js';
import { FactsAudit } from './0002-facts-audit.js';
import { Events } from './0003-events.js';
import { Detection } from './0004-detection.js';
import { Access } from './0005-access.js';
import { Intake } from './0006-intake.js';
import { Context } from './0007-context.js';
import { Incidents } from './0008-incidents.js';
import { Bounds } from './0009-bounds.js';
import { IntakeAppend } from './0010-intake-append.js';
import { AuditChain } from './0011-audit-chain.js';
import { Runs } from './0012-runs.js';
import { GovernorTables } from './0013-governor.js';
import { Approvals } from './0014-approvals.js';
import { Forward } from './0015-forward.js';
import { Breach } from './0016-breach.js';

/**
 * Every migration in order. A released one is never edited. The number at the end of its name is what TypeORM sorts by
 * (it reads the last 13 digits).
 */
export const migrations: readonly (new () => MigrationInterface & { readonly name: string })[] = [
  Log,
  FactsAudit,
  Events,
  Detection,
  Access,
  Intake,
  Context,
  Incidents,
  Bounds,
  IntakeAppend,
  AuditChain,
  Runs,
  GovernorTables,
  Approvals,
  Forward,
  Breach,
];
