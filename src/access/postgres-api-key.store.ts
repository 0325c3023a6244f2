import { ROLES, type Role, type Tx } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import { keyPrefix, type ApiKey } from './api-key.js';
import type { ApiKeyStore, LockedApiKeys } from './api-key.store.js';
import { FIND_KEY, INSERT_KEY, LIST_KEYS, LOCK_KEYS, REVOKE_KEY } from './sql.js';

interface KeyRow {
  id: string;
  name: string;
  roles: string[];
  hash: Buffer;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
}

export class PostgresApiKeyStore implements ApiKeyStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<ApiKey | undefined> {
    const [row] = await this.database.prepared<KeyRow>(FIND_KEY.name, FIND_KEY.text, [id]);
    return row && toKey(row);
  }

  async list(): Promise<ApiKey[]> {
    return (await this.database.query<KeyRow>(LIST_KEYS)).map(toKey);
  }

  exclusively<T>(work: (keys: LockedApiKeys, tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK_KEYS);
      return work(lockedKeys(tx), tx);
    });
  }
}

function lockedKeys(tx: Tx): LockedApiKeys {
  return {
    list: async () => (await tx.query<KeyRow>(LIST_KEYS)).map(toKey),
    insert: async (key) => {
      await tx.query(INSERT_KEY, [key.id, key.name, [...key.roles], key.secretHash, keyPrefix(key.id), key.createdAt, key.expiresAt, key.revokedAt]);
    },
    revoke: async (id, at) => {
      await tx.query(REVOKE_KEY, [id, at]);
    },
  };
}

/** A role that this version does not know (after a downgrade) gives nothing. */
const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

function toKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    roles: row.roles.filter(isRole),
    secretHash: row.hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
