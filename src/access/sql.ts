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

/** $1 hash, $2 key, $3 now, $4 end */
export const OPEN_SESSION = 'INSERT INTO web_session (hash, key_id, created_at, expires_at) VALUES ($1, $2, $3, $4)';

/** $1 now */
export const FORGET_SESSIONS = 'DELETE FROM web_session WHERE expires_at <= $1';

/** $1 hash */
export const END_SESSION = 'DELETE FROM web_session WHERE hash = $1 RETURNING key_id';

/** $1 hash, $2 now */
export const FIND_SESSION = `
  SELECT s.key_id, k.name, k.roles, k.person
    FROM web_session s JOIN api_key k ON k.id = s.key_id
   WHERE s.hash = $1 AND s.expires_at > $2 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)`;

/** $1 session, $2 nonce, $3 now. No row where it was used before or the session is gone. */
export const USE_FORM = `
  INSERT INTO web_session_form (session_hash, nonce, used_at)
  SELECT hash, $2, $3 FROM web_session WHERE hash = $1
  ON CONFLICT DO NOTHING
  RETURNING nonce`;
