import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFromStream } from 'pg-copy-streams';
import type { DataSource, EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Clock, Tx } from '../../kernel/index.js';
import { crashPointOnceSent } from '../crash-points.js';
import { BoundQueryRunner } from './bound-query-runner.js';
import { encodeRow } from './copy-format.js';
import type { CopyValue } from './copy-format.js';
import { createDataSource, poolOf } from './data-source.js';
import type { Entity } from './data-source.js';
import type { DatabaseConfig } from './database-config.js';
import { databaseErrors, isConnectionFailure, toDatabaseError } from './database.errors.js';
import { BEGIN, CLOCK, COMMIT, copyFrom, ROLLBACK } from './sql.js';

/** A running transaction, with what only storage code needs. */
export interface DatabaseTx extends Tx {
  /** TypeORM bound to this transaction. */
  readonly manager: EntityManager;
  /** As `query`, under a name: PostgreSQL parses and plans the statement once a connection. */
  prepared<Row = Record<string, unknown>>(name: string, sql: string, params: readonly unknown[]): Promise<Row[]>;
  /** Loads rows through COPY, far cheaper than INSERT for a batch. Gives the number of rows. */
  copyIn(table: string, columns: readonly string[], rows: Iterable<readonly CopyValue[]>): Promise<number>;
}

/** A connection kept for what belongs to a session, such as session locks. */
export interface Session {
  query<Row = Record<string, unknown>>(sql: string, params: readonly unknown[]): Promise<Row[]>;
  /** Ends the connection, and with it all that the session held. */
  close(): void;
}

export interface DatabaseOptions {
  readonly entities?: readonly Entity[];
  /** Replaces the database clock as the source of `Tx.now`; for tests. */
  readonly clock?: Clock;
}

/** Rows are put together to pieces of about this many characters for COPY. */
const COPY_PIECE = 256 * 1024;

function* copyPieces(rows: Iterable<readonly CopyValue[]>): Generator<string> {
  let piece = '';
  for (const row of rows) {
    piece += encodeRow(row);
    if (piece.length >= COPY_PIECE) {
      yield piece;
      piece = '';
    }
  }
  if (piece) yield piece;
}

class RunningTx implements DatabaseTx {
  private boundManager?: EntityManager;

  constructor(
    private readonly dataSource: DataSource,
    private readonly client: pg.PoolClient,
    readonly now: Date,
  ) {}

  get manager(): EntityManager {
    this.boundManager ??= this.dataSource.createEntityManager(new BoundQueryRunner(this.dataSource.driver as PostgresDriver, this.client));
    return this.boundManager;
  }

  async query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    const result = await this.client.query<Row & pg.QueryResultRow>(sql, [...params]);
    return result.rows;
  }

  async prepared<Row>(name: string, sql: string, params: readonly unknown[]): Promise<Row[]> {
    const result = await this.client.query<Row & pg.QueryResultRow>({ name, text: sql, values: [...params] });
    return result.rows;
  }

  async copyIn(table: string, columns: readonly string[], rows: Iterable<readonly CopyValue[]>): Promise<number> {
    const target = this.client.query(copyFromStream(copyFrom(table, columns)));
    await pipeline(Readable.from(copyPieces(rows)), target);
    return target.rowCount;
  }

  /** Ends the use of `manager`: a query through it after the end of the transaction would run in another one. */
  async close(): Promise<void> {
    await this.boundManager?.queryRunner?.release();
  }
}

/** The application's pool of connections. Errors that have an entry in the catalogue leave as CordonErrors, others unchanged. */
export class Database {
  private constructor(
    readonly dataSource: DataSource,
    private readonly pool: pg.Pool,
    private readonly clock: Clock | undefined,
  ) {}

  /** @throws platform.database_unavailable, platform.database_denied, platform.database_missing */
  static async open(config: DatabaseConfig, options: DatabaseOptions = {}): Promise<Database> {
    const dataSource = createDataSource(config, options.entities);
    try {
      await dataSource.initialize();
    } catch (error) {
      throw toDatabaseError(error);
    }
    return new Database(dataSource, poolOf(dataSource), options.clock);
  }

  /**
   * Runs `work` in one transaction (READ COMMITTED) and gives its result once the commit is durable.
   * @throws platform.commit_unknown when the connection broke in COMMIT: it may or may not have happened.
   */
  async transaction<T>(work: (tx: DatabaseTx) => Promise<T>): Promise<T> {
    const client = await this.connect();
    let broken: Error | undefined;
    // A connection that is cut while no statement runs reports it here; unheard, it would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    try {
      return await this.run(client, work);
    } catch (error) {
      if (isConnectionFailure(error) || isConnectionFailure(causeOf(error))) broken ??= error as Error;
      throw toDatabaseError(error);
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  /** One statement in a transaction of its own. */
  async query<Row = Record<string, unknown>>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    try {
      const result = await this.pool.query<Row & pg.QueryResultRow>(sql, [...params]);
      return result.rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /** As `query`, planned once a connection under `name`; for statements that run often. */
  async prepared<Row = Record<string, unknown>>(name: string, sql: string, params: readonly unknown[]): Promise<Row[]> {
    try {
      const result = await this.pool.query<Row & pg.QueryResultRow>({ name, text: sql, values: [...params] });
      return result.rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  /**
   * Takes a connection out of the pool until it is closed. `onLost` is called when it breaks, `onNotification` with the channel
   * of what `LISTEN` on it brings.
   */
  async openSession(onLost: () => void, onNotification?: (channel: string) => void): Promise<Session> {
    const client = await this.connect();
    const hear = ({ channel }: pg.Notification): void => onNotification?.(channel);
    client.on('notification', hear);
    let open = true;
    const end = (error?: Error): void => {
      if (!open) return;
      open = false;
      client.off('notification', hear);
      // true: the pool must not hand on a connection that still holds session state
      client.release(error ?? true);
    };
    client.on('error', (error) => {
      if (!open) return;
      end(error);
      onLost();
    });
    return {
      query: async <Row>(sql: string, params: readonly unknown[]) => (await client.query<Row & pg.QueryResultRow>(sql, [...params])).rows,
      close: () => end(),
    };
  }

  /** The time that transactions see: the database clock, or the clock given to {@link Database.open}. */
  async now(): Promise<Date> {
    if (this.clock) return this.clock.now();
    const [row] = await this.query<{ now: Date }>(CLOCK);
    return row ? row.now : new Date();
  }

  /** Waits for running statements, then closes every connection. */
  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async connect(): Promise<pg.PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  private async run<T>(client: pg.PoolClient, work: (tx: DatabaseTx) => Promise<T>): Promise<T> {
    // Two statements in one message give an array of results, which the types of node-postgres do not say.
    const began = (await client.query(BEGIN)) as unknown as readonly pg.QueryResult<{ now: Date }>[];
    const now = this.clock?.now() ?? began.at(-1)?.rows[0]?.now;
    if (!now) throw new Error('BEGIN gave no time');
    const tx = new RunningTx(this.dataSource, client, now);
    let result: T;
    try {
      result = await work(tx);
    } catch (error) {
      await tx.close();
      if (!isConnectionFailure(error)) await client.query(ROLLBACK);
      throw error;
    }
    await tx.close();
    await commit(client);
    return result;
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  let command: string;
  try {
    const answer = client.query(COMMIT);
    crashPointOnceSent('commit.sent');
    ({ command } = await answer);
  } catch (error) {
    if (isConnectionFailure(error)) throw databaseErrors.create('platform.commit_unknown', { retryAfter: 1, cause: error });
    throw error;
  }
  // A transaction in which a statement failed and was caught answers COMMIT with ROLLBACK, without an error.
  if (command !== 'COMMIT') throw new Error('the transaction had failed before its commit: an error of a statement was swallowed');
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** Token of the application's {@link Database}. */
export const DATABASE = Symbol('Database');
