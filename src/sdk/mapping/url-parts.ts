import { parseEndpoint } from './address.js';

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
  const [, scheme, authority, path, query, fragment] = match;
  // filled step by step: this runs for most records, and spreading optional parts was the largest cost of a mapping
  const parts: { -readonly [Part in keyof UrlParts]: UrlParts[Part] } = {};
  if (scheme) parts.scheme = scheme.toLowerCase();
  if (authority) addAuthority(parts, authority);
  if (path) {
    parts.path = path;
    const extension = EXTENSION.exec(path)?.[1];
    if (extension) parts.extension = extension;
  }
  if (query) parts.query = query;
  if (fragment) parts.fragment = fragment;
  return parts;
}

const EXTENSION = /[^/]\.([A-Za-z0-9]{1,10})$/;

function addAuthority(parts: { -readonly [Part in keyof UrlParts]: UrlParts[Part] }, authority: string): void {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const endpoint = parseEndpoint(host);
  if (host) parts.domain = endpoint?.ip ?? endpoint?.domain ?? host;
  if (endpoint?.port !== undefined) parts.port = endpoint.port;
  const username = at > 0 ? authority.slice(0, at).split(':')[0] : undefined;
  if (username) parts.username = username;
}
