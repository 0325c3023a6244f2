import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { Platform, ProblemSender } from '../platform/index.js';
import { databaseDiskFloor, DiskFloor } from './disk-floor.js';
import { Intake } from './intake.js';
import { IntakeUpkeep } from './intake-upkeep.js';
import { registerIntakeRoutes } from './intake.routes.js';
import { RefusalStore } from './refusal-store.js';
import { compileSources } from './sources.js';
import type { RecordFormat } from './split-body.js';

/** Framing of a stream, from its connector. */
export type FormatOf = (stream: string) => RecordFormat;

const FORMAT_OF = Symbol('FormatOf');

@Module({})
export class IntakeModule {
  constructor({ httpAdapter }: HttpAdapterHost, platform: Platform, intake: Intake, diskFloor: DiskFloor) {
    const { database, lifecycle, telemetry } = platform;
    const refusals = new RefusalStore(database, intake.refusals, telemetry);
    registerIntakeRoutes(httpAdapter.getInstance<FastifyInstance>(), intake, new ProblemSender(telemetry));
    lifecycle.register({ name: 'disk floor', phase: 'intake', start: () => diskFloor.start(), stop: () => diskFloor.stop() });
    lifecycle.register({ name: 'refusal counters', phase: 'intake', start: () => refusals.start(), stop: () => refusals.stop() });
  }

  static forRoot(formatOf: FormatOf): DynamicModule {
    return {
      module: IntakeModule,
      providers: [
        IntakeUpkeep,
        { provide: FORMAT_OF, useValue: formatOf },
        { provide: DiskFloor, inject: [Platform], useFactory: ({ config }: Platform) => databaseDiskFloor(config) },
        { provide: Intake, inject: [Platform, DiskFloor, FORMAT_OF], useFactory: makeIntake },
      ],
    };
  }
}

function makeIntake({ config, clock, eventLog, keys, telemetry }: Platform, diskFloor: DiskFloor, formatOf: FormatOf): Intake {
  return new Intake({
    sources: compileSources(config.sources, { tokenKey: keys.get('token'), formatOf, now: clock.now() }),
    limits: config.intake,
    log: eventLog,
    diskFloor,
    clock,
    telemetry,
    dedupeKey: keys.get('dedupe'),
  });
}
