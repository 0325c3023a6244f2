import { Global, Module } from '@nestjs/common';
import { AUDIT_SINK, type AuditSink } from '../kernel/index.js';
import { Database, LeasedWorker, Platform } from '../platform/index.js';
import { AuditExport } from './audit-export.js';
import { AuditRows } from './audit-rows.js';
import { AuditController } from './audit.controller.js';
import { auditLogEvents } from './audit.log-events.js';
import { auditMetrics } from './audit.metrics.js';
import { ChainReader } from './chain-reader.js';
import { CheckpointKey } from './checkpoint-key.js';
import { DeliveryDigests } from './delivery-digests.js';
import { RefusalCounts } from './refusal-counts.js';
import { Sealer } from './sealer.js';
import { TrailWork } from './trail-work.js';
import { UnsealedWatch } from './unsealed-watch.js';

/** Rows are linked at most this much after their commit, and a little. */
const POLL_MS = 500;

@Global()
@Module({
  controllers: [AuditController],
  providers: [
    { provide: AUDIT_SINK, useClass: AuditRows },
    { provide: ChainReader, inject: [Database], useFactory: (database: Database) => new ChainReader(database) },
    {
      provide: AuditExport,
      inject: [Database, ChainReader, AUDIT_SINK],
      useFactory: (database: Database, reader: ChainReader, audit: AuditSink) => new AuditExport(database, reader, audit),
    },
    {
      provide: TrailWork,
      inject: [Platform, ChainReader, AUDIT_SINK],
      useFactory: ({ config, database, leases, cursors, keys, telemetry }: Platform, reader: ChainReader, audit: AuditSink) =>
        new TrailWork({
          sealer: new Sealer({ database, leases, reader, key: new CheckpointKey(keys.get('audit')), metrics: telemetry.metrics(auditMetrics), log: telemetry.log(auditLogEvents) }),
          digests: new DeliveryDigests({ database, leases, cursors, audit }),
          refusals: new RefusalCounts({ database, leases, audit }),
          digestMs: config.audit.digestInterval,
          checkpointMs: config.audit.checkpointInterval,
        }),
    },
  ],
  exports: [AUDIT_SINK],
})
export class AuditModule {
  constructor(platform: Platform, reader: ChainReader, work: TrailWork) {
    const { clock, telemetry, lifecycle } = platform;
    const sealer = new LeasedWorker(platform, work, { name: 'audit-sealer', holder: platform.instance, pollMs: POLL_MS });
    const watch = new UnsealedWatch({ reader, clock, metrics: telemetry.metrics(auditMetrics), log: telemetry.log(auditLogEvents) });
    // Among the maintenance, since it stops after all that writes entries.
    lifecycle.register({ name: 'audit-sealer', phase: 'maintenance', start: () => sealer.start(), stop: () => sealer.stop() });
    lifecycle.register({ name: 'audit-watch', phase: 'maintenance', start: () => watch.start(), stop: () => watch.stop() });
  }
}
