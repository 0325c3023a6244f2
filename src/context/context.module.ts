import { Global, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AUDIT_SINK, DIRECTORY, type AuditSink } from '../kernel/index.js';
import { Platform, ProblemSender } from '../platform/index.js';
import { ContextController } from './context.controller.js';
import { registerContextRoutes } from './context.routes.js';
import { ContextImporter } from './importer.js';
import { PostgresDirectory } from './postgres-directory.js';

@Global()
@Module({
  controllers: [ContextController],
  providers: [
    { provide: DIRECTORY, inject: [Platform], useFactory: ({ database }: Platform) => new PostgresDirectory(database) },
    {
      provide: ContextImporter,
      inject: [Platform, AUDIT_SINK],
      useFactory: ({ database, telemetry }: Platform, audit: AuditSink) => new ContextImporter(database, audit, telemetry),
    },
  ],
  exports: [DIRECTORY],
})
export class ContextModule {
  constructor({ httpAdapter }: HttpAdapterHost, { telemetry }: Platform, importer: ContextImporter) {
    registerContextRoutes(httpAdapter.getInstance<FastifyInstance>(), importer, new ProblemSender(telemetry));
  }
}
