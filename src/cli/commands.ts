import type { Command } from 'commander';
import { registerActions } from './actions.command.js';
import { registerApprovals } from './approvals.command.js';
import { registerAudit } from './audit.command.js';
import { registerBreach } from './breach.command.js';
import { registerConfig } from './config.command.js';
import { registerContext } from './context.command.js';
import { registerDb } from './db.command.js';
import { registerDoctor } from './doctor.command.js';
import { registerGovernor } from './governor.command.js';
import { registerKeys } from './keys.command.js';
import { registerNormalise } from './normalise.command.js';
import { registerPlaybooks } from './playbooks.command.js';
import { registerRules } from './rules.command.js';
import { registerRuns } from './runs.command.js';
import { registerSend } from './send.command.js';
import { registerServe } from './serve.command.js';

/** Every command in the order of `cordon --help`. A command file imports its work lazily, so that start-up stays short. */
export function registerCommands(program: Command): void {
  registerServe(program);
  registerSend(program);
  registerNormalise(program);
  registerRules(program);
  registerPlaybooks(program);
  registerActions(program);
  registerRuns(program);
  registerApprovals(program);
  registerGovernor(program);
  registerBreach(program);
  registerAudit(program);
  registerConfig(program);
  registerContext(program);
  registerKeys(program);
  registerDb(program);
  registerDoctor(program);
}
