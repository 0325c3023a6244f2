import { isCordonError, type Clock, type Permission, type Principal } from '../kernel/index.js';
import type { Telemetry } from '../platform/index.js';
import { accessErrors } from './access.errors.js';
import { accessMetrics } from './access.metrics.js';
import { isActive, isValid, parseApiKey, type ApiKey } from './api-key.js';
import type { ApiKeyStore } from './api-key.store.js';
import { mayDo } from './permissions.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * Bearer API keys to principals. The key is read from the store on every request, so that a revoked one stops at once;
 * the intake, which is hot, does not come this way. Why a key was refused goes to the metric, not to the caller.
 */
export class Authenticator {
  readonly #refused;

  constructor(
    private readonly store: Pick<ApiKeyStore, 'find'>,
    private readonly clock: Clock,
    telemetry: Telemetry,
  ) {
    this.#refused = telemetry.metrics(accessMetrics).cordon_access_refused_total;
  }

  async authorise(authorization: string | undefined, permission: Permission): Promise<Principal> {
    const key = await this.authenticate(authorization);
    if (!mayDo(key.roles, permission)) {
      this.#refused.inc({ reason: 'forbidden' });
      throw accessErrors.create('access.forbidden', { detail: `needs permission ${permission}; the key has ${key.roles.join(', ')}` });
    }
    return toPrincipal(key);
  }

  /** Who a caller is, whatever they may do. @throws CordonError `access.unauthenticated`, `access.unavailable` */
  async identify(authorization: string | undefined): Promise<Principal> {
    return toPrincipal(await this.authenticate(authorization));
  }

  private async authenticate(authorization: string | undefined): Promise<ApiKey> {
    if (authorization === undefined) throw this.refuse('missing');
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    const presented = token === undefined ? undefined : parseApiKey(token);
    if (!presented) throw this.refuse('malformed');
    const key = await this.find(presented.id);
    const now = this.clock.now();
    if (isValid(key, presented, now)) return key;
    throw this.refuse(key !== undefined && !isActive(key, now) ? 'inactive' : 'unknown');
  }

  private async find(id: string): Promise<ApiKey | undefined> {
    try {
      return await this.store.find(id);
    } catch (error) {
      this.#refused.inc({ reason: 'unavailable' });
      if (isCordonError(error) && error.definition.status < 500) throw error;
      throw accessErrors.create('access.unavailable', { retryAfter: RETRY_AFTER_SECONDS, cause: error });
    }
  }

  private refuse(reason: 'missing' | 'malformed' | 'unknown' | 'inactive') {
    this.#refused.inc({ reason });
    return accessErrors.create('access.unauthenticated', { headers: { 'www-authenticate': 'Bearer realm="cordon"' } });
  }
}

const toPrincipal = ({ id, name, roles, person }: ApiKey): Principal => ({ actor: `key:${id}`, name, roles, person });
