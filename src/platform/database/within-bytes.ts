/** Most bytes of one batch that a worker reads. One row alone may be larger and is read all the same. */
export const BATCH_BYTES = 16 * 1024 * 1024;

export interface BytePage {
  readonly columns: string;
  /** A query that gives at least `columns`, in the order of `order`, with a LIMIT. */
  readonly rows: string;
  readonly order: string;
  /** Expression for the bytes of one row; cheap, since it is computed for rows that are then cut off. */
  readonly size: string;
}

/**
 * A query for the first rows of another one, up to {@link BATCH_BYTES}: a number of rows alone does not bound memory. It gives the
 * first row whatever its size, so that a reader always comes on, and may give fewer rows than the limit before the end.
 */
export const withinBytes = ({ columns, rows, order, size }: BytePage): string => `
  SELECT ${columns}
    FROM (SELECT page.*, sum(${size}) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (${rows}) AS page) AS summed
   WHERE bytes_before IS NULL OR bytes_before < ${BATCH_BYTES}
   ORDER BY ${order}`;
