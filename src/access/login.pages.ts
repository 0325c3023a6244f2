import type { FastifyInstance, FastifyReply } from 'fastify';
import { isCordonError, type Clock, type Principal } from '../kernel/index.js';
import { sendPage } from '../platform/index.js';
import type { Authenticator } from './authenticator.js';
import { loginForm, returnTo } from './login-form.js';
import { LoginLimiter } from './login-limiter.js';
import { registerPageScope, type PageScopeParts } from './page-scope.js';
import { endedCookie, sessionCookie } from './web-session.js';
import type { WebSessions } from './web-sessions.js';

export interface LoginParts extends PageScopeParts {
  readonly authenticator: Authenticator;
  readonly sessions: WebSessions;
  readonly clock: Clock;
}

interface LoginRoute {
  Querystring: { next?: string };
  Body: { key?: string; next?: string } | undefined;
}

/** The pages by which an API key becomes a session of 15 minutes, and by which it ends. */
export function registerLoginPages(server: FastifyInstance, parts: LoginParts): void {
  const limiter = new LoginLimiter();
  const { authenticator, sessions, clock } = parts;
  registerPageScope(server, parts, (scope) => {
    scope.get<LoginRoute>('/login', { config: { access: { public: 'signs in' } } }, (request, reply) =>
      sendPage(reply, 200, { title: 'Sign in', main: loginForm({ next: returnTo(request.query.next) }) }),
    );
    scope.post<LoginRoute>('/login', { config: { access: { public: 'signs in' } } }, async (request, reply) => {
      const { key, next } = request.body ?? {};
      const principal = await identify(authenticator, typeof key === 'string' ? key.trim() : '');
      if (!principal) return refuse(reply, limiter.failed(request.ip, clock.now().getTime()), returnTo(next));
      await sessions.close(request.headers.cookie);
      const token = await sessions.open(principal);
      return reply.header('set-cookie', sessionCookie(token, sessions.secure)).redirect(returnTo(next), 303);
    });
    scope.post('/logout', { config: { access: { public: 'ends the session of its cookie' } } }, async (request, reply) => {
      await sessions.close(request.headers.cookie);
      return reply.header('set-cookie', endedCookie(sessions.secure)).redirect('/login', 303);
    });
  });
}

async function identify(authenticator: Authenticator, key: string): Promise<Principal | undefined> {
  try {
    return await authenticator.identify(`Bearer ${key}`);
  } catch (error) {
    if (isCordonError(error, 'access.unauthenticated')) return undefined;
    throw error;
  }
}

function refuse(reply: FastifyReply, wait: number, next: string): FastifyReply {
  const main = loginForm({ next, failed: wait > 0 ? `Too many keys did not work. Wait ${wait} seconds.` : 'This key does not work: it is wrong, expired or revoked.' });
  if (wait > 0) void reply.header('retry-after', String(wait));
  return sendPage(reply, wait > 0 ? 429 : 401, { title: 'Sign in', main });
}
