import { Module, type DynamicModule } from '@nestjs/common';
import { Database } from './database/index.js';
import { AssetsController } from './html/index.js';
import { HealthController, Readiness } from './health/index.js';
import { KeyRing } from './keys/key-ring.js';
import { Platform } from './platform.js';
import { Telemetry } from './telemetry/index.js';

/** Offers the adapters to every module by their class. */
@Module({})
export class PlatformModule {
  static forRoot(platform: Platform): DynamicModule {
    const { database, keys, readiness, telemetry } = platform;
    const providers = [
      { provide: Platform, useValue: platform },
      { provide: Database, useValue: database },
      { provide: KeyRing, useValue: keys },
      { provide: Readiness, useValue: readiness },
      { provide: Telemetry, useValue: telemetry },
    ];
    return { module: PlatformModule, global: true, controllers: [HealthController, AssetsController], providers, exports: providers };
  }
}
