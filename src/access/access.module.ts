import { Module } from '@nestjs/common';
import { AUDIT_SINK, DIRECTORY, type AuditSink, type Directory } from '../kernel/index.js';
import { AUTHORISER, Database, Platform } from '../platform/index.js';
import { writeAdminKeyFile } from './admin-key-file.js';
import { ApiKeyService } from './api-key.service.js';
import { API_KEY_STORE, type ApiKeyStore } from './api-key.store.js';
import { Authenticator } from './authenticator.js';
import { PostgresApiKeyStore } from './postgres-api-key.store.js';

@Module({
  providers: [
    { provide: API_KEY_STORE, inject: [Database], useFactory: (database: Database) => new PostgresApiKeyStore(database) },
    { provide: ApiKeyService, inject: [API_KEY_STORE, AUDIT_SINK, DIRECTORY], useFactory: (store: ApiKeyStore, audit: AuditSink, directory: Directory) => new ApiKeyService(store, audit, directory) },
    {
      provide: AUTHORISER,
      inject: [API_KEY_STORE, Platform],
      useFactory: (store: ApiKeyStore, { clock, telemetry }: Platform) => new Authenticator(store, clock, telemetry),
    },
  ],
  exports: [ApiKeyService, AUTHORISER],
})
export class AccessModule {
  constructor(platform: Platform, keys: ApiKeyService) {
    const { config, lifecycle } = platform;
    const start = async (): Promise<void> => {
      if (config.keys.admin) await keys.ensureConfiguredAdmin(config.keys.admin.reveal());
      else await keys.ensureFirstAdmin(async (text) => void (await writeAdminKeyFile(config.dataDirectory, text)));
    };
    lifecycle.register({ name: 'first admin key', phase: 'maintenance', start });
  }
}
