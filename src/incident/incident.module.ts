import { Module } from '@nestjs/common';
import { AUDIT_SINK, DIRECTORY, type AuditSink, type Directory } from '../kernel/index.js';
import { Database, Platform } from '../platform/index.js';
import { IncidentGrouper } from './incident-grouper.js';
import { IncidentReader } from './incident-reader.js';
import { IncidentHandler } from './incident.handler.js';
import { incidentLogEvents } from './incident.log-events.js';
import { incidentMetrics } from './incident.metrics.js';
import { IncidentService } from './incident.service.js';
import { IncidentVisibility } from './incident-visibility.js';
import { IncidentStore } from './incident-store.js';
import { IncidentsController } from './incidents.controller.js';

const BATCH_FACTS = 500;

@Module({
  controllers: [IncidentsController],
  providers: [
    IncidentStore,
    { provide: IncidentVisibility, inject: [DIRECTORY], useFactory: (directory: Directory) => new IncidentVisibility(directory) },
    { provide: IncidentReader, inject: [Database], useFactory: (database: Database) => new IncidentReader(database) },
    {
      provide: IncidentService,
      inject: [Platform, IncidentStore, AUDIT_SINK],
      useFactory: ({ database, facts, telemetry, factsWritten }: Platform, store: IncidentStore, audit: AuditSink) =>
        new IncidentService({ database, store, facts, audit, metrics: telemetry.metrics(incidentMetrics), written: factsWritten }),
    },
    {
      provide: IncidentHandler,
      inject: [Platform, IncidentStore, DIRECTORY],
      useFactory: ({ config, facts, telemetry, factsWritten }: Platform, store: IncidentStore, directory: Directory) =>
        new IncidentHandler({
          facts,
          directory,
          store,
          grouper: new IncidentGrouper(store, facts, { windowMs: config.incident.window, reopenWithinMs: config.incident.reopenWithin }),
          metrics: telemetry.metrics(incidentMetrics),
          log: telemetry.log(incidentLogEvents),
          written: factsWritten,
        }),
    },
  ],
  exports: [IncidentStore],
})
export class IncidentModule {
  constructor(platform: Platform, handler: IncidentHandler) {
    platform.addConsumer(handler, { name: 'incident', reads: 'fact', batchSize: BATCH_FACTS }, platform.factsWritten);
  }
}
