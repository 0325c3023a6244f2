import type { FastifyInstance, FastifyServerOptions, RouteOptions } from 'fastify';
import { uuidv7 } from '../../kernel/index.js';
import { httpErrors } from './http.errors.js';
import { isListedPublic } from './public-routes.js';
import type { Authoriser } from './route-access.js';
import { RouteTable } from './route-table.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Largest body of a route that does not set its own limit. */
export const DEFAULT_BODY_LIMIT = 256 * 1024;

/** Server options that the shell relies on: bounded bodies and heads, our own request ids, no trust in forwarded headers. */
export function serverOptions() {
  return {
    bodyLimit: DEFAULT_BODY_LIMIT,
    // A client cannot choose the id that stands in our log.
    requestIdHeader: false,
    genReqId: () => uuidv7(),
    trustProxy: false,
    // A slow sender may not hold a connection for ever.
    connectionTimeout: 60_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 128 },
  } satisfies FastifyServerOptions;
}

/**
 * Puts the outer wall around every route registered after it: an access decision or no start, authentication and
 * authorisation before the body is read, security headers on every answer.
 */
export function installHttpShell(server: FastifyInstance, authoriser: Authoriser): RouteTable {
  const routes = new RouteTable();
  server.addHook('onRoute', (route) => recordRoute(route, routes));
  server.decorateRequest('principal', null);
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    if (request.is404) return;
    const access = request.routeOptions.config.access;
    if (access === undefined) throw httpErrors.create('http.route_without_access', { detail: request.routeOptions.url ?? request.url });
    if ('public' in access) return;
    const { permission, by } = access;
    request.principal = by === 'session' ? await authoriser.authoriseSession(request.headers.cookie, permission) : await authoriser.authorise(request.headers.authorization, permission);
  });
  return routes;
}

function recordRoute(route: RouteOptions, routes: RouteTable): void {
  const access = route.config?.access;
  for (const method of [route.method].flat()) {
    const name = `${method} ${route.url}`;
    if (access === undefined) throw httpErrors.create('http.route_without_access', { detail: name });
    if ('public' in access && !isListedPublic(method, route.url)) {
      throw httpErrors.create('http.route_without_access', { detail: `${name} says it is public but is not in the public table` });
    }
    routes.add({ method, url: route.url, access });
  }
}
