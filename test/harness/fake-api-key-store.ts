import type { ApiKey, ApiKeyStore, LockedApiKeys } from '../../src/access/index.js';
import type { AuditEntry, AuditSink, Clock, Tx } from '../../src/kernel/index.js';

/** API keys in memory; a failed transaction leaves them, and the audit entries, as they were. */
export class FakeApiKeyStore implements ApiKeyStore {
  keys: ApiKey[] = [];
  entries: AuditEntry[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly clock: Clock) {}

  readonly audit: AuditSink = {
    record: async (_tx, entries) => {
      this.entries.push(...entries);
    },
  };

  async find(id: string): Promise<ApiKey | undefined> {
    return this.keys.find((key) => key.id === id);
  }

  async list(): Promise<ApiKey[]> {
    return [...this.keys];
  }

  exclusively<T>(work: (keys: LockedApiKeys, tx: Tx) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.transaction(work));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  private async transaction<T>(work: (keys: LockedApiKeys, tx: Tx) => Promise<T>): Promise<T> {
    const before = { keys: this.keys, entries: this.entries };
    this.keys = [...this.keys];
    this.entries = [...this.entries];
    try {
      return await work(this.locked, { now: this.clock.now(), query: () => Promise.reject(new TypeError('the fake has no SQL')) });
    } catch (error) {
      ({ keys: this.keys, entries: this.entries } = before);
      throw error;
    }
  }

  private readonly locked: LockedApiKeys = {
    list: () => this.list(),
    insert: async (key) => {
      this.keys.push(key);
    },
    revoke: async (id, at) => {
      this.keys = this.keys.map((key) => (key.id === id ? { ...key, revokedAt: at } : key));
    },
  };
}
