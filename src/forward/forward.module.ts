import { Module, type DynamicModule } from '@nestjs/common';
import { AUDIT_SINK, type AuditSink } from '../kernel/index.js';
import { Platform } from '../platform/index.js';
import type { Connector } from '../sdk/index.js';
import { DeadLetters } from './dead-letters.js';
import { EventFeed, FactFeed, type Feed } from './feed.js';
import { ForwardController } from './forward.controller.js';
import { ForwardHandler } from './forward.handler.js';
import { forwardLogEvents } from './forward.log-events.js';
import { forwardMetrics } from './forward.metrics.js';
import { ForwardService, readerName } from './forward.service.js';
import { openSinks, type ConfiguredSink } from './open-sinks.js';
import { END_OF_EVENTS, END_OF_FACTS } from './sql.js';

const SINKS = Symbol('Sinks');

/** Forwarding: one leased reader for each feed of each sink, so that a sink that is down holds up nothing but itself. */
@Module({})
export class ForwardModule {
  static forRoot(connectors: readonly Connector[]): DynamicModule {
    return {
      module: ForwardModule,
      controllers: [ForwardController],
      providers: [
        { provide: SINKS, inject: [Platform], useFactory: ({ config, outbound }: Platform) => openSinks(config, connectors, { http: outbound.http, dialer: outbound }) },
        { provide: DeadLetters, inject: [Platform], useFactory: ({ database }: Platform) => new DeadLetters(database) },
        {
          provide: ForwardService,
          inject: [Platform, SINKS, DeadLetters, AUDIT_SINK],
          useFactory: ({ database }: Platform, sinks: readonly ConfiguredSink[], deadLetters: DeadLetters, audit: AuditSink) =>
            new ForwardService(database, sinks.map(({ sink }) => sink), deadLetters, audit),
        },
        {
          provide: ForwardModule.name,
          inject: [Platform, SINKS, DeadLetters],
          useFactory: (platform: Platform, sinks: readonly ConfiguredSink[], deadLetters: DeadLetters) => {
            for (const sink of sinks) addReaders(platform, sink, deadLetters);
          },
        },
      ],
    };
  }
}

function addReaders(platform: Platform, { sink, options }: ConfiguredSink, deadLetters: DeadLetters): void {
  const { database, facts, telemetry, cursors, lifecycle } = platform;
  const stopping = new AbortController();
  const feeds: Readonly<Record<(typeof options.feeds)[number], { feed: Feed; end: string; wakeUp: Platform['factsWritten'] }>> = {
    facts: { feed: new FactFeed(facts), end: END_OF_FACTS, wakeUp: platform.factsWritten },
    events: { feed: new EventFeed(database), end: END_OF_EVENTS, wakeUp: platform.eventsWritten },
  };
  lifecycle.register({ name: `forward.${sink.id}.connection`, phase: 'workers', stop: () => sink.close() });
  for (const feedName of options.feeds) {
    const { feed, end, wakeUp } = feeds[feedName];
    const name = readerName(sink.id, feedName);
    if (options.from === 'now') {
      lifecycle.register({
        name: `${name}.begin`,
        phase: 'maintenance',
        start: async () => {
          const [row] = await database.query<{ position: number }>(end);
          await cursors.open(name, feed.reads, row?.position ?? 0);
        },
      });
    }
    const handler = new ForwardHandler({
      sink, feedName, feed, deadLetters, signal: stopping.signal, metrics: telemetry.metrics(forwardMetrics), log: telemetry.log(forwardLogEvents),
    });
    platform.addConsumer(handler, { name, reads: feed.reads, batchSize: sink.maxDocuments }, wakeUp);
  }
  // Registered last, so stopped first: a request in flight must not hold up the drain.
  lifecycle.register({ name: `forward.${sink.id}.requests`, phase: 'workers', stop: () => stopping.abort() });
}
