import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteAccess } from './route-access.js';
import { httpErrors } from './http.errors.js';
import { sendProblem } from './send-problem.js';

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

  /** 405 with Allow where the path exists under another method, else 404. */
  refuseUnmatched(request: FastifyRequest, reply: FastifyReply): void {
    const methods = this.methodsOf(request.url);
    if (methods.length === 0) {
      sendProblem(httpErrors.create('http.not_found'), request, reply);
      return;
    }
    reply.header('allow', methods.join(', '));
    sendProblem(httpErrors.create('http.method_not_allowed', { detail: `${request.method} is not one of ${methods.join(', ')}` }), request, reply);
  }
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    if (segment.startsWith('*')) return '.*';
    return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
