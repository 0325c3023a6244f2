export const APPEND_FACTS = 'SELECT fact_append($1, $2, $3, $4, $5)';

export const FACT_FENCE = { name: 'fact_fence', text: 'SELECT fact_fence() AS fence' } as const;

export const READ_FACTS = {
  name: 'fact_read',
  text: 'SELECT position, id, type, subject, body, at FROM fact WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3',
} as const;
