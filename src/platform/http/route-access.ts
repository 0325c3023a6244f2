import type { Permission, Principal } from '../../kernel/index.js';

/**
 * The access decision of a route, given as Fastify route config `access` (in Nest: `@RouteConfig({ access: … })`).
 * A public route must also stand in {@link PUBLIC_ROUTES}.
 */
export type RouteAccess = { readonly public: string } | { readonly permission: Permission; /** Pages: who calls is known by the cookie of a session. Default: by an API key. */ readonly by?: 'session' };

/** Decides who a caller is and whether they may. Implemented by the access module. */
export interface Authoriser {
  /** @throws CordonError `access.*` (401, 403, 503) */
  authorise(authorization: string | undefined, permission: Permission): Promise<Principal>;
  /** As `authorise`, by the `Cookie` header of a page. */
  authoriseSession(cookie: string | undefined, permission: Permission): Promise<Principal>;
}

export const AUTHORISER = Symbol('Authoriser');

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Caller of a route with a permission; null on a public one. */
    principal: Principal | null;
  }
}
