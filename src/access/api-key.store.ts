import type { Tx } from '../kernel/index.js';
import type { ApiKey } from './api-key.js';

/** Port of the stored API keys. */
export interface ApiKeyStore {
  find(id: string): Promise<ApiKey | undefined>;
  list(): Promise<ApiKey[]>;
  /** Runs `work` while no other instance changes keys, in one transaction with `tx`. */
  exclusively<T>(work: (keys: LockedApiKeys, tx: Tx) => Promise<T>): Promise<T>;
}

/** The keys inside a transaction that holds the lock on them. */
export interface LockedApiKeys {
  list(): Promise<ApiKey[]>;
  insert(key: ApiKey): Promise<void>;
  revoke(id: string, at: Date): Promise<void>;
}

export const API_KEY_STORE = Symbol('ApiKeyStore');
