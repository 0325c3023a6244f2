import { BaseConnection, Client, errors } from '@elastic/elasticsearch';
import type { HttpClient, HttpRequest } from '#sdk/index.js';

type ClientOptions = ConstructorParameters<typeof Client>[0];
type RequestParams = Parameters<BaseConnection['request']>[0];
type RequestOptions = Parameters<BaseConnection['request']>[1];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The official client with every request going out through the guarded HTTP client. It neither sniffs nor retries: the forwarder decides that. */
export function guardedClient(http: HttpClient, options: Pick<ClientOptions, 'node' | 'auth'>): Client {
  class GuardedConnection extends BaseConnection {
    override async request(params: RequestParams, { signal, timeout }: RequestOptions): Promise<never> {
      const method = METHODS.find((known) => known === params.method);
      if (!method) throw new errors.ConfigurationError(`${params.method} is not used`);
      const query = params.querystring ? `?${params.querystring}` : '';
      const { status, headers, text } = await http.request({
        method,
        url: new URL(`${params.path}${query}`.replace(/^\//, ''), withSlash(this.url)).href,
        headers: asText({ ...this.headers, ...params.headers }),
        ...(typeof params.body === 'string' || Buffer.isBuffer(params.body) ? { body: params.body } : {}),
        ...(signal ? { signal } : {}),
        ...(timeout ? { timeoutMs: timeout } : {}),
      } satisfies HttpRequest);
      return { statusCode: status, headers, body: text } as never;
    }

    /** Connections belong to the guarded client, which outlives this one. */
    override close(): Promise<void> {
      return Promise.resolve();
    }
  }
  return new Client({ ...options, Connection: GuardedConnection, compression: true, maxRetries: 0, sniffOnStart: false, sniffOnConnectionFault: false, enableMetaHeader: false, redaction: { type: 'remove' } });
}

/** A path below the node's own one stays below it. */
const withSlash = (url: URL): URL => (url.pathname.endsWith('/') ? url : new URL(`${url.href}/`));

const asText = (headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]])));
