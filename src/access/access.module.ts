import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AUDIT_SINK, DIRECTORY, type AuditSink, type Directory } from '../kernel/index.js';
import { AUTHORISER, Database, Platform, ProblemSender, type Authoriser } from '../platform/index.js';
import { accessMetrics } from './access.metrics.js';
import { writeAdminKeyFile } from './admin-key-file.js';
import { ApiKeyService } from './api-key.service.js';
import { API_KEY_STORE, type ApiKeyStore } from './api-key.store.js';
import { Authenticator } from './authenticator.js';
import { KeysController } from './keys.controller.js';
import { registerLoginPages } from './login.pages.js';
import { PostgresApiKeyStore } from './postgres-api-key.store.js';
import { WebSessions } from './web-sessions.js';

@Module({
  controllers: [KeysController],
  providers: [
    { provide: API_KEY_STORE, inject: [Database], useFactory: (database: Database) => new PostgresApiKeyStore(database) },
    { provide: ApiKeyService, inject: [API_KEY_STORE, AUDIT_SINK, DIRECTORY], useFactory: (store: ApiKeyStore, audit: AuditSink, directory: Directory) => new ApiKeyService(store, audit, directory) },
    {
      provide: Authenticator,
      inject: [API_KEY_STORE, Platform],
      useFactory: (store: ApiKeyStore, { clock, telemetry }: Platform) => new Authenticator(store, clock, telemetry),
    },
    {
      provide: WebSessions,
      inject: [Platform, AUDIT_SINK],
      useFactory: ({ config, database, telemetry }: Platform, audit: AuditSink) =>
        new WebSessions({ database, audit, metrics: telemetry.metrics(accessMetrics), secure: config.server.publicUrl?.startsWith('https:') ?? false }),
    },
    {
      provide: AUTHORISER,
      inject: [Authenticator, WebSessions],
      useFactory: (keys: Authenticator, sessions: WebSessions): Authoriser => ({
        authorise: (authorization, permission) => keys.authorise(authorization, permission),
        authoriseSession: (cookie, permission) => sessions.authorise(cookie, permission),
      }),
    },
  ],
  exports: [ApiKeyService, AUTHORISER, WebSessions],
})
export class AccessModule {
  constructor({ httpAdapter }: HttpAdapterHost, platform: Platform, keys: ApiKeyService, authenticator: Authenticator, sessions: WebSessions) {
    const { config, lifecycle, clock, telemetry } = platform;
    const start = async (): Promise<void> => {
      if (config.keys.admin) await keys.ensureConfiguredAdmin(config.keys.admin.reveal());
      else await keys.ensureFirstAdmin(async (text) => void (await writeAdminKeyFile(config.dataDirectory, text)));
    };
    lifecycle.register({ name: 'first admin key', phase: 'maintenance', start });
    registerLoginPages(httpAdapter.getInstance<FastifyInstance>(), { authenticator, sessions, clock, problems: new ProblemSender(telemetry), publicUrl: config.server.publicUrl });
  }
}
