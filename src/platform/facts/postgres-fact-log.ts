import { uuidv7, type Fact, type FactReader, type FactSink, type NewFact, type Tx } from '../../kernel/index.js';
import { crashPoint } from '../crash-points.js';
import { toJson, type Database } from '../database/index.js';
import { APPEND_FACTS, FACT_FENCE, READ_FACTS } from './sql.js';

/**
 * The fact log on PostgreSQL. Facts are inserted somewhere inside longer transactions, so their positions do not become
 * visible in order; a reader therefore stops at the fence that each writing transaction raises (`fact_append`,
 * `fact_fence` in the migrations).
 */
export class PostgresFactLog implements FactSink, FactReader {
  constructor(private readonly database: Database) {}

  async append(tx: Tx, facts: readonly NewFact[]): Promise<void> {
    if (facts.length === 0) return;
    await tx.query(APPEND_FACTS, [
      facts.map(() => uuidv7(tx.now.getTime())),
      facts.map((fact) => fact.type),
      facts.map((fact) => fact.subject),
      facts.map((fact) => toJson(fact.body)),
      tx.now,
    ]);
    crashPoint('facts.after_insert');
  }

  /** Where a reader begins that is to see only what is written from now on. */
  async end(): Promise<number> {
    const [row] = await this.database.prepared<{ fence: number }>(FACT_FENCE.name, FACT_FENCE.text, []);
    return row?.fence ?? 0;
  }

  async read(cursor: number, limit: number): Promise<{ facts: Fact[]; cursor: number }> {
    const fence = await this.end();
    if (fence <= cursor) return { facts: [], cursor };
    const facts = await this.database.prepared<Fact>(READ_FACTS.name, READ_FACTS.text, [cursor, fence, limit]);
    const last = facts.at(-1);
    // Positions of transactions that rolled back stay empty: with all up to the fence read, the cursor passes them too.
    return { facts, cursor: facts.length === limit && last ? last.position : fence };
  }
}
