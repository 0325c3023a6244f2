import { Module, type DynamicModule } from '@nestjs/common';
import { AUDIT_SINK, type AuditSink } from '../kernel/index.js';
import { EventDays, Platform } from '../platform/index.js';
import { NormaliseHandler } from './normalise.handler.js';
import { normaliseMetrics } from './normalise.metrics.js';
import { PipelineErrorStore } from './pipeline-error-store.js';
import { PipelineErrorsController } from './pipeline-errors.controller.js';
import { StreamRegistry } from './stream-registry.js';

/** Small batches: the first event of a burst reaches detection while the rest is still being mapped. */
const BATCH_RECORDS = 1_000;

@Module({})
export class NormaliseModule {
  constructor(platform: Platform, streams: StreamRegistry) {
    const { database, eventLog, keys, facts, telemetry, eventsWritten } = platform;
    const handler = new NormaliseHandler({
      eventLog,
      days: new EventDays(database),
      streams,
      keys,
      facts,
      metrics: telemetry.metrics(normaliseMetrics),
      written: eventsWritten,
    });
    platform.addConsumer(handler, { name: 'normalise', reads: 'log_record', batchSize: BATCH_RECORDS }, eventLog.appended);
  }

  static forRoot(streams: StreamRegistry): DynamicModule {
    return {
      module: NormaliseModule,
      global: true,
      controllers: [PipelineErrorsController],
      providers: [
        { provide: StreamRegistry, useValue: streams },
        {
          provide: PipelineErrorStore,
          inject: [Platform, AUDIT_SINK],
          useFactory: ({ database, eventLog, keys, facts }: Platform, audit: AuditSink) => new PipelineErrorStore(database, eventLog, keys, facts, audit),
        },
      ],
      exports: [StreamRegistry],
    };
  }
}
