import { ROLES, type AuditSink, type Directory, type Role, type Tx } from '../kernel/index.js';
import { accessErrors } from './access.errors.js';
import { generateApiKey, hashSecret, isActive, parseApiKey, type ApiKey, type PresentedKey } from './api-key.js';
import type { ApiKeyStore, LockedApiKeys } from './api-key.store.js';

export interface NewApiKey {
  readonly name: string;
  readonly roles: readonly string[];
  /** Id of the person whose key it is, as the context states it. */
  readonly person?: string;
  readonly expiresAt?: Date;
}

export interface CreatedApiKey {
  readonly key: ApiKey;
  /** The whole key. It exists only here: the store has its hash. */
  readonly text: string;
}

/** Making and revoking keys; each act is an audit entry in the same transaction. */
export class ApiKeyService {
  constructor(
    private readonly store: ApiKeyStore,
    private readonly audit: AuditSink,
    private readonly directory: Pick<Directory, 'personOf'>,
  ) {}

  list(): Promise<ApiKey[]> {
    return this.store.list();
  }

  /** @throws CordonError `access.unknown_role`, `access.unknown_person` */
  async create(request: NewApiKey, actor: string): Promise<CreatedApiKey> {
    const roles = parseRoles(request.roles);
    const generated = generateApiKey();
    const key = await this.store.exclusively(async (keys, tx) => {
      const person = request.person === undefined ? null : await this.requirePerson(tx, request.person);
      return this.insert(keys, tx, { ...request, roles, person }, generated, actor);
    });
    return { key, text: generated.text };
  }

  /** @throws CordonError `access.unknown_key`, `access.last_admin` */
  async revoke(id: string, actor: string): Promise<void> {
    await this.store.exclusively(async (keys, tx) => {
      const all = await keys.list();
      const key = all.find((candidate) => candidate.id === id);
      if (!key) throw accessErrors.create('access.unknown_key', { detail: id });
      if (!isActive(key, tx.now)) return;
      const admins = all.filter((candidate) => candidate.roles.includes('admin') && isActive(candidate, tx.now));
      if (admins.length === 1 && admins[0]?.id === id) throw accessErrors.create('access.last_admin', { detail: id });
      await keys.revoke(id, tx.now);
      await this.audit.record(tx, [{ action: 'access.key_revoked', actor, target: `key:${id}`, detail: { name: key.name } }]);
    });
  }

  /**
   * Makes the first admin key where there is no key at all. `publish` stores the key where its owner finds it and runs
   * before the commit: a key that nobody can read must not exist.
   */
  async ensureFirstAdmin(publish: (text: string) => Promise<void>): Promise<ApiKey | undefined> {
    return this.store.exclusively(async (keys, tx) => {
      if ((await keys.list()).length > 0) return undefined;
      const generated = generateApiKey();
      const key = await this.insert(keys, tx, { name: 'first admin', roles: ['admin'] }, generated, 'system:start');
      await publish(generated.text);
      return key;
    });
  }

  /** Makes sure that the admin key of the configuration works; does nothing where it was stored before, revoked or not. */
  async ensureConfiguredAdmin(text: string): Promise<void> {
    const presented = parseAdminKey(text);
    await this.store.exclusively(async (keys, tx) => {
      if ((await keys.list()).some(({ id }) => id === presented.id)) return;
      const generated = { id: presented.id, secretHash: hashSecret(presented.secret) };
      await this.insert(keys, tx, { name: 'configured admin', roles: ['admin'] }, generated, 'system:start');
    });
  }

  /** The id as the context spells it. */
  private async requirePerson(tx: Tx, id: string): Promise<string> {
    const person = await this.directory.personOf({ type: 'person', value: id }, { tx });
    if (!person.known) throw accessErrors.create('access.unknown_person', { field: 'person', detail: `${id}: ${person.detail}` });
    return person.id;
  }

  private async insert(
    keys: LockedApiKeys,
    tx: Tx,
    { name, roles, person = null, expiresAt }: { name: string; roles: readonly Role[]; person?: string | null; expiresAt?: Date },
    { id, secretHash }: { id: string; secretHash: Buffer },
    actor: string,
  ): Promise<ApiKey> {
    const key: ApiKey = { id, name, roles, person, secretHash, createdAt: tx.now, expiresAt: expiresAt ?? null, revokedAt: null };
    await keys.insert(key);
    await this.audit.record(tx, [{ action: 'access.key_created', actor, target: `key:${id}`, detail: { name, roles: [...roles], person, expiresAt: expiresAt?.toISOString() ?? null } }]);
    return key;
  }
}

/** @throws CordonError `access.malformed_admin_key` */
export function parseAdminKey(text: string): PresentedKey {
  const presented = parseApiKey(text.trim());
  if (!presented) throw accessErrors.create('access.malformed_admin_key', { field: 'keys.admin' });
  return presented;
}

function parseRoles(names: readonly string[]): Role[] {
  const roles = [...new Set(names)].map((name) => {
    const role = ROLES.find((candidate) => candidate === name);
    if (!role) throw accessErrors.create('access.unknown_role', { detail: name, field: 'roles' });
    return role;
  });
  if (roles.length === 0) throw accessErrors.create('access.unknown_role', { detail: 'no role given', field: 'roles' });
  return roles;
}
