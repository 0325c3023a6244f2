import { Module, type DynamicModule } from '@nestjs/common';
import type { ResolvedConfig } from '../config/index.js';
import { StreamRegistry } from '../normalise/index.js';
import { Database, Platform } from '../platform/index.js';
import { CheckpointStore } from './checkpoint-store.js';
import { DetectHandler } from './detect.handler.js';
import { detectLogEvents } from './detect.log-events.js';
import { detectMetrics } from './detect.metrics.js';
import { Detector } from './detector.js';
import type { CorrelationOptions } from './engine/index.js';
import { RuleLibrary } from './rule-library.js';
import { RulesController } from './rules.controller.js';
import { SignalReader } from './signal-reader.js';
import { SignalWriter } from './signal-writer.js';
import { SignalsController } from './signals.controller.js';

const BATCH_EVENTS = 2_000;
const DEFAULT_LATENESS_MS = 5 * 60_000;

@Module({})
export class DetectModule {
  constructor(platform: Platform, streams: StreamRegistry, library: RuleLibrary) {
    const { config, telemetry, database, cursors, facts, eventsWritten, factsWritten } = platform;
    const [log, metrics] = [telemetry.log(detectLogEvents), telemetry.metrics(detectMetrics)];
    library.report(log, metrics);
    const options = correlationOptions(config);
    const handler = new DetectHandler({
      database,
      checkpoints: new CheckpointStore(database, cursors),
      signals: new SignalWriter(facts),
      makeDetector: () => new Detector(library.ruleSet, options),
      logsourcesOf: (stream) => streams.find(stream)?.logsources ?? [],
      checkpointIntervalMs: config.detect.checkpointInterval,
      metrics,
      log,
      written: factsWritten,
    });
    platform.addConsumer(handler, { name: 'detect', reads: 'event', batchSize: BATCH_EVENTS, idleMs: config.detect.checkpointInterval }, eventsWritten);
  }

  static forRoot(library: RuleLibrary): DynamicModule {
    return {
      module: DetectModule,
      controllers: [SignalsController, RulesController],
      providers: [
        { provide: RuleLibrary, useValue: library },
        { provide: SignalReader, inject: [Database], useFactory: (database: Database) => new SignalReader(database) },
      ],
    };
  }
}

function correlationOptions({ sources, detect }: ResolvedConfig): Partial<CorrelationOptions> {
  return {
    allowedLatenessMs: (source) => sources[source]?.lateness ?? DEFAULT_LATENESS_MS,
    clockSkewMs: detect.maxFutureSkew,
    suppress: 'episode',
    refireAfterMs: detect.suppression,
    maxGroupsPerRule: detect.maxGroups,
  };
}
