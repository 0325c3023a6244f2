import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeyEntity } from './access/index.js';
import { AppModule, type AppParts } from './app.module.js';
import { breachOpen } from './breach/breach-open.action.js';
import { RuleLibrary } from './detect/index.js';
import { StreamRegistry } from './normalise/index.js';
import {
  AUTHORISER, installHttpShell, NestLogger, Platform, ProblemFilter, ProblemSender, serverOptions,
  type Authoriser, type PlatformOptions, type RegisteredRoute, type RouteTable,
} from './platform/index.js';
import { PlaybookLibrary } from './respond/index.js';
import type { Connector } from './sdk/index.js';

export interface AppOptions extends PlatformOptions {
  readonly connectors: readonly Connector[];
}

/** A composed product: nothing runs before {@link listen}, nothing runs after {@link close}. */
export class CordonApp {
  private constructor(
    readonly platform: Platform,
    readonly nest: NestFastifyApplication,
    private readonly routeTable: RouteTable,
  ) {}

  /** Every route with its access decision; complete once it listens, since plugins register theirs at the end. */
  get routes(): readonly RegisteredRoute[] {
    return this.routeTable.list();
  }

  /**
   * Checks the configuration against connectors and rules, migrates, and composes the modules.
   * @throws CordonError `normalise.unknown_stream`, `rules.not_readable`, `platform.*`
   */
  static async create(options: AppOptions): Promise<CordonApp> {
    const streams = new StreamRegistry(options.connectors);
    for (const { stream } of Object.values(options.config.sources)) streams.require(stream);
    const library = await RuleLibrary.load(options.config);
    const playbooks = await PlaybookLibrary.load(options.config, [...options.connectors.flatMap(({ actions }) => actions.map(({ description }) => description)), breachOpen]);
    const platform = await Platform.open({ ...options, entities: [ApiKeyEntity] });
    try {
      return await CordonApp.compose(platform, { streams, library, playbooks, connectors: options.connectors });
    } catch (error) {
      await platform.database.close();
      throw error;
    }
  }

  private static async compose(platform: Platform, parts: Omit<AppParts, 'platform'>): Promise<CordonApp> {
    const { telemetry } = platform;
    const adapter = new FastifyAdapter(serverOptions());
    // The wall stands before the first route does; who decides at it is composed with the modules.
    const authoriser: Authoriser = {
      authorise: (authorization, permission) => nest.get<Authoriser>(AUTHORISER).authorise(authorization, permission),
      authoriseSession: (cookie, permission) => nest.get<Authoriser>(AUTHORISER).authoriseSession(cookie, permission),
    };
    const routes = installHttpShell(adapter.getInstance(), authoriser);
    const nest = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot({ platform, ...parts }), adapter, {
      logger: new NestLogger(telemetry.logger),
      abortOnError: false,
    });
    nest.useGlobalFilters(new ProblemFilter(new ProblemSender(telemetry), routes));
    await nest.init();
    return new CordonApp(platform, nest, routes);
  }

  /**
   * Starts the workers and opens the port.
   * @returns where it listens; with port 0 the one that was free
   */
  async listen(host: string, port: number): Promise<{ host: string; port: number }> {
    await this.platform.lifecycle.start();
    await this.nest.listen(port, host);
    const address = this.nest.getHttpServer().address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /** Refuses new work, finishes what is in flight, stops the workers, closes the database. */
  async close(): Promise<void> {
    this.platform.readiness.drain();
    try {
      await this.nest.close();
    } finally {
      await this.platform.lifecycle.stop();
    }
  }
}
