import type { ResolvedConfig } from '../config/index.js';
import type { Clock } from '../kernel/index.js';
import { uuidv7 } from '../kernel/index.js';
import { BatchConsumer, type BatchConsumerOptions, type BatchHandler } from './consumer/index.js';
import { Cursors } from './cursors/index.js';
import { Database, DatabaseClock, runMigrations, type Entity } from './database/index.js';
import { PartitionManager, PostgresEventLog } from './event-log/index.js';
import { PostgresFactLog } from './facts/index.js';
import { healthLogEvents, Readiness } from './health/index.js';
import { openKeyRing, type KeyRing } from './keys/key-ring.js';
import { InstanceBeacon, Leases } from './leases/index.js';
import { Lifecycle, lifecycleLogEvents } from './lifecycle/index.js';
import { Outbound } from './outbound/index.js';
import type { Telemetry } from './telemetry/index.js';
import { WakeUp } from './wake-up.js';

export interface DatabaseUrls {
  /** The application's role. */
  readonly appUrl: string;
  /** The role that owns the schema and migrates it. */
  readonly ownerUrl: string;
}

export interface PlatformOptions {
  readonly config: ResolvedConfig;
  readonly telemetry: Telemetry;
  readonly database: DatabaseUrls;
  /** TypeORM entities of the modules. */
  readonly entities?: readonly Entity[];
  /** Replaces the database clock; for tests. */
  readonly clock?: Clock;
}

/** The adapters that modules are composed from, each built once. */
export class Platform {
  /** Names this running process among all instances, e.g. as holder of leases. */
  readonly instance = uuidv7();
  readonly readiness: Readiness;
  readonly lifecycle: Lifecycle;
  readonly cursors: Cursors;
  readonly leases: Leases;
  private readonly beacon: InstanceBeacon;
  readonly facts: PostgresFactLog;
  readonly eventLog: PostgresEventLog;
  /** Told after each commit of normalised events. */
  readonly eventsWritten = new WakeUp();
  /** Told after commits that wrote facts others wait for. */
  readonly factsWritten = new WakeUp();

  private constructor(
    readonly config: ResolvedConfig,
    readonly telemetry: Telemetry,
    readonly database: Database,
    readonly clock: Clock,
    readonly keys: KeyRing,
    /** Everything that leaves goes through it. */
    readonly outbound: Outbound,
  ) {
    this.readiness = new Readiness(telemetry.log(healthLogEvents));
    this.lifecycle = new Lifecycle(telemetry.log(lifecycleLogEvents));
    this.cursors = new Cursors(database);
    this.beacon = new InstanceBeacon(database);
    this.leases = new Leases(database, this.beacon);
    this.facts = new PostgresFactLog(database);
    this.eventLog = new PostgresEventLog(database);
    this.lifecycle.register({ name: 'outbound', phase: 'database', stop: () => outbound.close() });
  }

  /**
   * Migrates the schema, opens the pool and registers what the database needs while the product runs.
   * @throws CordonError `platform.*`, `outbound.ca_unreadable`
   */
  static async open({ config, telemetry, database: urls, entities = [], clock }: PlatformOptions): Promise<Platform> {
    const keys = openKeyRing(config);
    const outbound = new Outbound({ config, telemetry });
    await runMigrations({ ownerUrl: urls.ownerUrl, appUrl: urls.appUrl });
    const database = await Database.open(
      { url: urls.appUrl, poolSize: config.database.poolSize, statementTimeoutMs: config.database.statementTimeout },
      { entities, ...(clock ? { clock } : {}) },
    );
    const databaseClock = clock ?? (await DatabaseClock.start(database));
    const platform = new Platform(config, telemetry, database, databaseClock, keys, outbound);
    const partitions = new PartitionManager(database, databaseClock, config.retention, telemetry);
    platform.lifecycle.register({
      name: 'database',
      phase: 'database',
      start: () => platform.beacon.start(),
      stop: async () => {
        platform.beacon.stop();
        if (databaseClock instanceof DatabaseClock) databaseClock.stop();
        await database.close();
      },
    });
    platform.lifecycle.register({ name: 'partitions', phase: 'maintenance', start: () => partitions.start(), stop: () => partitions.stop() });
    platform.readiness.register('database', async () => void (await database.now()));
    return platform;
  }

  /** A leased worker on this platform, started and stopped with it and woken by `wakeUp`. */
  addConsumer<Row>(handler: BatchHandler<Row>, options: Omit<BatchConsumerOptions, 'holder'>, wakeUp: WakeUp): void {
    const consumer = new BatchConsumer(this, handler, { ...options, holder: this.instance });
    let unsubscribe: () => void = () => undefined;
    this.lifecycle.register({
      name: options.name,
      phase: 'workers',
      start: () => {
        unsubscribe = wakeUp.subscribe(() => consumer.notify());
        consumer.start();
      },
      stop: () => {
        unsubscribe();
        return consumer.stop();
      },
    });
  }
}
