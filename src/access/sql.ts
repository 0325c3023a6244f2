const COLUMNS = 'id, name, roles, hash, created_at, expires_at, revoked_at';

export const FIND_KEY = { name: 'access_find_key', text: `SELECT ${COLUMNS} FROM api_key WHERE id = $1` };

export const LIST_KEYS = `SELECT ${COLUMNS} FROM api_key ORDER BY created_at, id`;

/** Conflicts with itself and with writers, not with readers: requests are authenticated meanwhile. */
export const LOCK_KEYS = 'LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE';

export const INSERT_KEY = `
  INSERT INTO api_key (id, name, roles, hash, prefix, created_at, expires_at, revoked_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

export const REVOKE_KEY = 'UPDATE api_key SET revoked_at = $2 WHERE id = $1';
