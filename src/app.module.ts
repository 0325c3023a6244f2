import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { AuditModule } from './audit/index.js';
import { BreachModule } from './breach/index.js';
import { ContextModule } from './context/index.js';
import { AccessModule } from './access/index.js';
import { DetectModule, type RuleLibrary } from './detect/index.js';
import { ForwardModule } from './forward/index.js';
import { IncidentModule } from './incident/index.js';
import { IntakeModule } from './intake/index.js';
import { NormaliseModule, type StreamRegistry } from './normalise/index.js';
import { PlatformModule, type Platform } from './platform/index.js';
import { ActionsModule, ApprovalModule, GovernorModule, RespondModule, type PlaybookLibrary } from './respond/index.js';
import type { Connector } from './sdk/index.js';

export interface AppParts {
  readonly platform: Platform;
  readonly streams: StreamRegistry;
  readonly library: RuleLibrary;
  readonly playbooks: PlaybookLibrary;
  readonly connectors: readonly Connector[];
}

/** The modules of the product in the order of the data path. */
@Module({})
export class AppModule {
  static forRoot({ platform, streams, library, playbooks, connectors }: AppParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ScheduleModule.forRoot(),
        PlatformModule.forRoot(platform),
        AuditModule,
        ContextModule,
        AccessModule,
        IntakeModule.forRoot((stream) => streams.require(stream).framing),
        NormaliseModule.forRoot(streams),
        DetectModule.forRoot(library),
        IncidentModule,
        ActionsModule.forRoot(connectors),
        BreachModule,
        ApprovalModule,
        GovernorModule,
        RespondModule.forRoot(playbooks),
        ForwardModule.forRoot(connectors),
      ],
    };
  }
}
