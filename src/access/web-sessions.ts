import { ROLES, type AuditSink, type Permission, type Principal, type Role, type Tx } from '../kernel/index.js';
import type { Database, Metrics } from '../platform/index.js';
import { accessErrors } from './access.errors.js';
import type { accessMetrics } from './access.metrics.js';
import { hashSecret } from './api-key.js';
import { mayDo } from './permissions.js';
import { END_SESSION, FIND_SESSION, FORGET_SESSIONS, OPEN_SESSION, USE_FORM } from './sql.js';
import { formNonce, newSession, SESSION_MS, sessionToken } from './web-session.js';

export interface WebSessionsParts {
  readonly database: Database;
  readonly audit: AuditSink;
  readonly metrics: Metrics<typeof accessMetrics>;
  /** Whether people reach the pages over TLS. */
  readonly secure: boolean;
}

interface SessionRow {
  key_id: string;
  name: string;
  roles: string[];
  person: string | null;
}

const isRole = (name: string): name is Role => (ROLES as readonly string[]).includes(name);

/** Sessions of the pages. One lives as long as its key does, at most {@link SESSION_MS}; the key is read on every request. */
export class WebSessions {
  constructor(private readonly parts: WebSessionsParts) {}

  get secure(): boolean {
    return this.parts.secure;
  }

  /** Signs the holder of a key in. Gives the token for the cookie. */
  async open(principal: Principal): Promise<string> {
    const { token, hash } = newSession();
    await this.parts.database.transaction(async (tx) => {
      await tx.query(FORGET_SESSIONS, [tx.now]);
      await tx.query(OPEN_SESSION, [hash, principal.actor.slice('key:'.length), tx.now, new Date(tx.now.getTime() + SESSION_MS)]);
      await this.parts.audit.record(tx, [{ action: 'access.session_opened', actor: principal.actor, target: principal.actor, detail: { person: principal.person } }]);
    });
    return token;
  }

  /** Ends the session of a cookie, if it is one. */
  async close(cookie: string | undefined): Promise<void> {
    const token = sessionToken(cookie, this.secure);
    if (token === undefined) return;
    await this.parts.database.transaction(async (tx) => {
      const [row] = await tx.query<{ key_id: string }>(END_SESSION, [hashSecret(token)]);
      if (row) await this.parts.audit.record(tx, [{ action: 'access.session_closed', actor: `key:${row.key_id}`, target: `key:${row.key_id}`, detail: {} }]);
    });
  }

  /** @throws CordonError `access.no_session`, `access.forbidden` */
  async authorise(cookie: string | undefined, permission: Permission): Promise<Principal> {
    const token = sessionToken(cookie, this.secure);
    const [row] = token === undefined ? [] : await this.parts.database.query<SessionRow>(FIND_SESSION, [hashSecret(token), await this.parts.database.now()]);
    if (!row) throw accessErrors.create('access.no_session', { headers: { 'www-authenticate': 'Bearer realm="cordon"' } });
    const roles = row.roles.filter(isRole);
    if (!mayDo(roles, permission)) {
      this.parts.metrics.cordon_access_refused_total.inc({ reason: 'forbidden' });
      throw accessErrors.create('access.forbidden', { detail: `needs permission ${permission}; the key has ${roles.join(', ')}` });
    }
    return { actor: `key:${row.key_id}`, name: row.name, roles, person: row.person };
  }

  /**
   * Uses up the token of a form, in the transaction of what the form asks for.
   * @throws CordonError `access.form_used`
   */
  async useForm(tx: Tx, cookie: string | undefined, purpose: string, token: string): Promise<void> {
    const session = sessionToken(cookie, this.secure);
    const nonce = session === undefined ? undefined : formNonce(session, purpose, token);
    const used = session === undefined || nonce === undefined ? [] : await tx.query(USE_FORM, [hashSecret(session), nonce, tx.now]);
    if (used.length === 0) throw accessErrors.create('access.form_used');
  }
}
