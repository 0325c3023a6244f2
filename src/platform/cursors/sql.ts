export const CREATE_CURSOR = 'INSERT INTO consumer_cursor (name, reads, position, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING';

export const READ_CURSOR = { name: 'cursor_read', text: 'SELECT position FROM consumer_cursor WHERE name = $1' } as const;

export const ADVANCE_CURSOR = {
  name: 'cursor_advance',
  text: 'UPDATE consumer_cursor SET position = $3, updated_at = $4 WHERE name = $1 AND position = $2 RETURNING position',
} as const;
