import type { Duplex } from 'node:stream';
import type { JsonValue } from './json.js';

/**
 * Ports of everything that leaves: one guarded dialer resolves a name once, pins the address, refuses private and metadata
 * ranges unless they are allowed, and bounds time and size. Connectors get these and nothing else.
 */

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute, http or https. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON unless `content-type` says otherwise; text and bytes go as they are. */
  readonly body?: string | Buffer | JsonValue;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: JsonValue | undefined;
  /** What `Retry-After` asks to wait, in seconds or as a date, from now on. */
  readonly retryAfterMs?: number;
}

export interface HttpClient {
  /**
   * Sends one request and gives the answer whatever its status. Redirects are not followed.
   * @throws ActionFailure where no answer came: TIMEOUT or UNKNOWN_OUTCOME when the request may have arrived, REFUSED_BY_TARGET
   * with `notSent` when it cannot have (refused connection, address not allowed)
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface Dialer {
  /** Further certificate authorities (PEM), for protocols that turn an open connection into TLS themselves (STARTTLS). */
  readonly ca?: readonly string[];
  /**
   * An open TCP (or TLS) connection to an allowed address. The caller ends it.
   * @throws ActionFailure with `notSent`: no name, no address that is allowed, no connection, no trust
   */
  connect(target: { readonly host: string; readonly port: number; readonly tls?: boolean; readonly signal?: AbortSignal }): Promise<Duplex>;
}
