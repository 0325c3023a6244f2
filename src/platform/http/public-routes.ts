/** The only routes that answer without an API key, and why. The server does not start with another one. */
export const PUBLIC_ROUTES: readonly { readonly method: string; readonly url: string; readonly reason: string }[] = [
  { method: 'GET', url: '/healthz', reason: 'liveness probes carry no credential; it tells only that the process answers' },
  { method: 'GET', url: '/readyz', reason: 'readiness probes carry no credential; it names components, never addresses or data' },
  { method: 'POST', url: '/v1/intake/:source', reason: 'the source authenticates itself by signature or token of its own' },
];

/** HEAD is answered by the GET route. */
export function isListedPublic(method: string, url: string): boolean {
  return PUBLIC_ROUTES.some((route) => route.url === url && (route.method === method || (method === 'HEAD' && route.method === 'GET')));
}
