import type pg from 'pg';
import { DataSource } from 'typeorm';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { migrations } from '../../../migrations/index.js';
import { connectionSettings, POOL_SIZE } from './database-config.js';
import type { DatabaseConfig } from './database-config.js';
import { silentLogger } from './silent-logger.js';

/** A TypeORM entity class. */
export type Entity = Exclude<EntityTarget<ObjectLiteral>, string | { type: ObjectLiteral; name: string }>;

/** Table in which TypeORM notes the migrations that ran. */
export const MIGRATION_TABLE = 'schema_migration';

/** A data source of ours: entities and migrations are named one by one, and the schema comes from migrations alone. */
export function createDataSource(config: DatabaseConfig, entities: readonly Entity[] = []): DataSource {
  return new DataSource({
    type: 'postgres',
    entities: [...entities] as (() => unknown)[],
    migrations: [...migrations],
    migrationsTableName: MIGRATION_TABLE,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    logger: silentLogger,
    poolSize: config.poolSize ?? POOL_SIZE,
    // A pooled connection that breaks while idle is replaced by the pool; whoever uses one gets the error itself.
    poolErrorHandler: () => undefined,
    extra: connectionSettings(config),
  });
}

export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as PostgresDriver).master as pg.Pool;
}
