/** The only routes that answer without an API key, and why. The server does not start with another one. */
export const PUBLIC_ROUTES: readonly { readonly method: string; readonly url: string; readonly reason: string }[] = [
  { method: 'GET', url: '/healthz', reason: 'liveness probes carry no credential; it tells only that the process answers' },
  { method: 'GET', url: '/readyz', reason: 'readiness probes carry no credential; it names components, never addresses or data' },
  { method: 'POST', url: '/v1/intake/:source', reason: 'the source authenticates itself by signature or token of its own' },
  { method: 'GET', url: '/assets/page.css', reason: 'the login page needs its style before anyone is known; it is the same for everyone' },
  { method: 'GET', url: '/login', reason: 'whoever signs in has no session yet' },
  { method: 'POST', url: '/login', reason: 'it takes the API key that it checks, in the form' },
  { method: 'POST', url: '/logout', reason: 'it only ends the session of the cookie it is given' },
];

/** HEAD is answered by the GET route. */
export function isListedPublic(method: string, url: string): boolean {
  return PUBLIC_ROUTES.some((route) => route.url === url && (route.method === method || (method === 'HEAD' && route.method === 'GET')));
}
