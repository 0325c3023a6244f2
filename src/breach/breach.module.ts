import { Module } from '@nestjs/common';
import { IncidentModule, IncidentReader, IncidentStore, IncidentVisibility } from '../incident/index.js';
import { AUDIT_SINK, DIRECTORY, type AuditSink, type Directory } from '../kernel/index.js';
import { Platform } from '../platform/index.js';
import { ActionRegistry } from '../respond/index.js';
import { BreachController } from './breach.controller.js';
import { breachMetrics } from './breach.metrics.js';
import { BreachOpenAction } from './breach-open.action.js';
import { BreachService } from './breach.service.js';
import { CaseVisibility } from './case-visibility.js';
import { CaseStore } from './case-store.js';
import { regimes } from './engine/regimes.js';
import { RegimeRegister } from './regime-register.js';
import { RegimesController } from './regimes.controller.js';

@Module({
  imports: [IncidentModule],
  controllers: [BreachController, RegimesController],
  providers: [
    CaseStore,
    {
      provide: CaseVisibility,
      inject: [Platform, CaseStore, DIRECTORY],
      useFactory: ({ database }: Platform, store: CaseStore, directory: Directory) => new CaseVisibility(database, store, new IncidentVisibility(directory), new IncidentReader(database)),
    },
    { provide: RegimeRegister, inject: [Platform, AUDIT_SINK], useFactory: ({ facts }: Platform, audit: AuditSink) => new RegimeRegister(regimes, facts, audit) },
    {
      provide: BreachService,
      inject: [Platform, CaseStore, RegimeRegister, AUDIT_SINK],
      useFactory: ({ config, database, facts, telemetry, factsWritten }: Platform, store: CaseStore, register: RegimeRegister, audit: AuditSink) =>
        new BreachService({ database, store, register, facts, audit, metrics: telemetry.metrics(breachMetrics), written: factsWritten, zone: config.breach.zone }),
    },
    { provide: BreachOpenAction, inject: [BreachService, IncidentStore], useFactory: (service: BreachService, incidents: IncidentStore) => new BreachOpenAction(service, incidents) },
  ],
})
export class BreachModule {
  constructor(registry: ActionRegistry, open: BreachOpenAction) {
    registry.register(open);
  }
}
