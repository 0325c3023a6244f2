import type { Repository } from 'typeorm';
import { ROLES, type Role, type Tx } from '../kernel/index.js';
import type { Database } from '../platform/index.js';
import { ApiKeyEntity } from './api-key.entity.js';
import type { ApiKey } from './api-key.js';
import type { ApiKeyStore, LockedApiKeys } from './api-key.store.js';
import { LOCK_API_KEYS } from './sql.js';

/** API keys in table `api_key`. */
export class PostgresApiKeyStore implements ApiKeyStore {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<ApiKey | undefined> {
    return this.database.transaction(async ({ manager }) => {
      const row = await manager.getRepository(ApiKeyEntity).findOneBy({ id });
      return row ? toApiKey(row) : undefined;
    });
  }

  async list(): Promise<ApiKey[]> {
    return this.database.transaction(({ manager }) => listed(manager.getRepository(ApiKeyEntity)));
  }

  async exclusively<T>(work: (keys: LockedApiKeys, tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(async (tx) => {
      await tx.query(LOCK_API_KEYS);
      const repository = tx.manager.getRepository(ApiKeyEntity);
      const keys: LockedApiKeys = {
        list: () => listed(repository),
        insert: async (key) => void (await repository.insert(toRow(key))),
        revoke: async (id, at) => void (await repository.update({ id }, { revokedAt: at })),
      };
      return work(keys, tx);
    });
  }
}

async function listed(repository: Repository<ApiKeyEntity>): Promise<ApiKey[]> {
  return (await repository.find({ order: { createdAt: 'ASC', id: 'ASC' } })).map(toApiKey);
}

const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

function toApiKey({ id, name, hash, roles, person, createdAt, expiresAt, revokedAt }: ApiKeyEntity): ApiKey {
  return { id, name, roles: roles.filter(isRole), person, secretHash: hash, createdAt, expiresAt, revokedAt };
}

function toRow({ id, name, roles, person, secretHash, createdAt, expiresAt, revokedAt }: ApiKey): ApiKeyEntity {
  return { id, name, hash: secretHash, prefix: id.slice(0, 8), roles: [...roles], person, createdAt, expiresAt, revokedAt };
}
