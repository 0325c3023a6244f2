/**
 * A running database transaction as the modules see it. `now` is the database clock at its start: every decision about
 * time inside the transaction uses it, so SQL never calls `now()` for one.
 */
export interface Tx {
  readonly now: Date;
  /** Runs one parametrised statement (`$1` …) and gives its rows. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}
