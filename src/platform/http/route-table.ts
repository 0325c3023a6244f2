import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CordonError } from '../../kernel/index.js';
import { httpErrors } from './http.errors.js';
import type { RouteAccess } from './route-access.js';

export interface RegisteredRoute {
  readonly method: string;
  /** Pattern as registered, e.g. `/v1/intake/:source`. */
  readonly url: string;
  readonly access: RouteAccess;
}

/** Every route of the server with its access decision: source of 405 answers, of docs/api.md and of the test that walks them all. */
export class RouteTable {
  readonly #routes: (RegisteredRoute & { readonly pattern: RegExp })[] = [];

  add(route: RegisteredRoute): void {
    this.#routes.push({ ...route, pattern: patternOf(route.url) });
  }

  list(): RegisteredRoute[] {
    return this.#routes.map(({ method, url, access }) => ({ method, url, access }));
  }

  /** Methods that the path of `url` takes; empty where nothing is registered. */
  methodsOf(url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    return [...new Set(this.#routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort();
  }
}

/** Why a request met no route: 405 with Allow where its path exists under another method, else 404. */
export function refuseUnmatched(routes: RouteTable, request: FastifyRequest, reply: FastifyReply): CordonError {
  const methods = routes.methodsOf(request.url);
  if (methods.length === 0) return httpErrors.create('http.not_found');
  const allowed = methods.join(', ');
  void reply.header('allow', allowed);
  return httpErrors.create('http.method_not_allowed', { detail: `${request.method} is not one of ${allowed}` });
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    if (segment.startsWith('*')) return '.*';
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
