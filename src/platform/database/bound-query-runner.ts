import type { PoolClient } from 'pg';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';

/**
 * TypeORM's query runner on a connection whose transaction somebody else began and will end. Repositories used through
 * it take part in that transaction; a nested `transaction()` becomes a savepoint.
 */
export class BoundQueryRunner extends PostgresQueryRunner {
  constructor(driver: PostgresDriver, client: PoolClient) {
    super(driver, 'master');
    this.databaseConnection = client;
    this.isTransactionActive = true;
    this.transactionDepth = 1;
  }

  /** Releasing ends the use of this runner; the connection stays with the transaction's owner. */
  override release(): Promise<void> {
    this.isReleased = true;
    return Promise.resolve();
  }
}
