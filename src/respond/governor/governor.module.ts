import { Module } from '@nestjs/common';
import { ACTION_CATALOGUE, AUDIT_SINK, DIRECTORY, type ActionCatalogue, type AuditSink, type Directory } from '../../kernel/index.js';
import { Platform } from '../../platform/index.js';
import { GovernorDesk } from './governor-desk.js';
import { GOVERNOR } from './governor.js';
import { GovernorController } from './governor.controller.js';
import { KillSwitches } from './kill-switches.js';
import { openGovernor, type OpenGovernor } from './open-governor.js';

const OPEN = Symbol('OpenGovernor');

@Module({
  controllers: [GovernorController],
  providers: [
    {
      provide: OPEN,
      inject: [Platform, AUDIT_SINK, DIRECTORY, ACTION_CATALOGUE],
      useFactory: ({ config, database, telemetry, facts, factsWritten: written }: Platform, audit: AuditSink, directory: Directory, catalogue: ActionCatalogue) =>
        openGovernor({ config, database, telemetry, facts, written, audit, directory, catalogue }),
    },
    { provide: GOVERNOR, inject: [OPEN], useFactory: ({ governor }: OpenGovernor) => governor },
    { provide: KillSwitches, inject: [OPEN], useFactory: ({ switches }: OpenGovernor) => switches },
    { provide: GovernorDesk, inject: [OPEN], useFactory: ({ desk }: OpenGovernor) => desk },
  ],
  exports: [GOVERNOR],
})
export class GovernorModule {}
