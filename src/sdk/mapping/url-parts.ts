import { parseEndpoint, parsePort } from './address.js';

/** Parts of a URL by the names of the ECS `url` field set. */
export interface UrlParts {
  readonly scheme?: string;
  readonly domain?: string;
  readonly port?: number;
  readonly path?: string;
  readonly query?: string;
  readonly fragment?: string;
  readonly extension?: string;
  readonly username?: string;
}

// RFC 3986 appendix B. The text is taken as it is: WHATWG URL would normalise what an attacker wrote on purpose.
const URL_PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):(?=\/\/))?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** Splits an absolute URL or an origin form (`/path?query`). The password of a userinfo part is left out. */
export function urlParts(text: string): UrlParts {
  const match = URL_PARTS.exec(text);
  if (!match) return {};
  const [, scheme, authority = '', path, query, fragment] = match;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const endpoint = parseEndpoint(host);
  const username = at > 0 ? authority.slice(0, at).split(':')[0] : undefined;
  const extension = path ? /[^/]\.([A-Za-z0-9]{1,10})$/.exec(path)?.[1] : undefined;
  const port = endpoint?.port ?? parsePort(/:(\d+)$/.exec(host)?.[1]);
  return {
    ...(scheme ? { scheme: scheme.toLowerCase() } : {}),
    ...(host ? { domain: endpoint?.ip ?? endpoint?.domain ?? host } : {}),
    ...(port !== undefined ? { port } : {}),
    ...(path ? { path } : {}),
    ...(query ? { query } : {}),
    ...(fragment ? { fragment } : {}),
    ...(extension ? { extension } : {}),
    ...(username ? { username } : {}),
  };
}
