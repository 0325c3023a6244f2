import { createDataSource } from './data-source.js';
import type { Entity } from './data-source.js';
import type { DatabaseConfig } from './database-config.js';

/**
 * The statements that would make the schema agree with `entities`: none when migrations and entities say the same. For a
 * test of the module that owns the entities; names of indexes and constraints count too.
 */
export async function schemaDrift(config: DatabaseConfig, entities: readonly Entity[]): Promise<string[]> {
  const dataSource = createDataSource({ ...config, poolSize: 1 }, entities);
  await dataSource.initialize();
  try {
    const plan = await dataSource.driver.createSchemaBuilder().log();
    return plan.upQueries.map((query) => query.query);
  } finally {
    await dataSource.destroy();
  }
}
