/** One change of keys at a time over all instances; readers are not held up. */
export const LOCK_API_KEYS = 'LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE';

/** $1 roles, $2 now */
export const KEY_HOLDERS = `
  SELECT DISTINCT person
    FROM api_key
   WHERE person IS NOT NULL AND roles && $1::text[] AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
   ORDER BY person`;

/** $1 id */
export const KEY_PERSON = 'SELECT person FROM api_key WHERE id = $1';
