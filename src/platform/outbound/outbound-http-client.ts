import { request as httpRequest, validateHeaderName, validateHeaderValue, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import axios, { isAxiosError, type AxiosResponse, type RawAxiosRequestConfig } from 'axios';
import { ActionFailure, type HttpClient, type HttpRequest, type HttpResponse, type JsonValue } from '../../kernel/index.js';
import type { Metrics } from '../telemetry/index.js';
import type { CircuitBreakers } from './circuit-breakers.js';
import { Deadline } from './deadline.js';
import type { GuardedAgents } from './guarded-agents.js';
import { outboundCode, outboundFailure, shortCode, type OutboundCode } from './outbound-failure.js';
import type { outboundMetrics } from './outbound.metrics.js';
import { parseRetryAfter } from './retry-after.js';

const USER_AGENT = 'Cordon';
/** In the order of {@link CircuitBreaker.state}'s gauge. */
const STATE_VALUE = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What tells that the target itself is in trouble. */
const TARGET_FAILED: ReadonlySet<OutboundCode> = new Set([
  'outbound.name_unknown', 'outbound.not_reachable', 'outbound.connect_timeout', 'outbound.not_trusted', 'outbound.timeout', 'outbound.connection_lost', 'outbound.answer_unreadable',
]);

export interface HttpClientOptions {
  readonly agents: GuardedAgents;
  readonly breakers: CircuitBreakers;
  readonly metrics: Metrics<typeof outboundMetrics>;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** `HttpClient` on axios: what axios would do by itself that is not wanted here (redirects, proxies of the environment, parsing) is off. */
export class OutboundHttpClient implements HttpClient {
  private readonly axios = axios.create({
    adapter: 'http',
    maxRedirects: 0,
    proxy: false,
    responseType: 'arraybuffer',
    validateStatus: () => true,
    transformRequest: [],
    transformResponse: [],
    maxBodyLength: Infinity,
  });

  constructor(private readonly options: HttpClientOptions) {}

  async request(request: HttpRequest): Promise<HttpResponse> {
    const url = parseUrl(request.url);
    requireHeaders(request.headers ?? {}, url.origin);
    const breaker = this.options.breakers.of(url.origin);
    const waitMs = breaker.enter();
    if (waitMs > 0) throw this.count(url.origin, outboundFailure('outbound.circuit_open', url.origin, { retryAfterMs: waitMs }));
    const started = performance.now();
    try {
      const response = await this.send(request, url);
      if (response.status >= 500) breaker.failure();
      else breaker.succeeded();
      this.options.metrics.cordon_outbound_requests_total.inc({ origin: url.origin, outcome: `${Math.trunc(response.status / 100)}xx` });
      this.options.metrics.cordon_outbound_request_seconds.observe({ origin: url.origin }, (performance.now() - started) / 1000);
      return response;
    } catch (error) {
      const code = outboundCode(error);
      if (code !== undefined && TARGET_FAILED.has(code)) breaker.failure();
      else breaker.undecided();
      throw this.count(url.origin, error);
    } finally {
      this.options.metrics.cordon_outbound_circuit_state.set({ origin: url.origin }, STATE_VALUE[breaker.state]);
    }
  }

  private count<T>(origin: string, error: T): T {
    const code = outboundCode(error);
    this.options.metrics.cordon_outbound_requests_total.inc({ origin, outcome: code ? shortCode(code) : 'failed' });
    return error;
  }

  private async send(request: HttpRequest, url: URL): Promise<HttpResponse> {
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs;
    const deadline = new Deadline(timeoutMs, request.signal);
    const sending = new Sending();
    try {
      const response = await this.axios.request<Buffer>({ ...this.configOf(request, url), signal: deadline.signal, transport: sending });
      return toResponse(response);
    } catch (error) {
      throw explain(error, { origin: url.origin, sending, deadline, timeoutMs, maxResponseBytes: this.options.maxResponseBytes });
    } finally {
      deadline.end();
    }
  }

  private configOf({ method, headers = {}, body }: HttpRequest, url: URL): RawAxiosRequestConfig {
    const { agents, maxResponseBytes } = this.options;
    const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const { data, type } = encode(body);
    return {
      method,
      url: url.href,
      // `false` keeps axios from adding a content type of its own.
      headers: { 'user-agent': USER_AGENT, accept: 'application/json, */*;q=0.1', 'content-type': type ?? false, ...given },
      data,
      httpAgent: agents.http,
      httpsAgent: agents.https,
      maxContentLength: maxResponseBytes,
    };
  }
}

/** @throws ActionFailure INPUT_INVALID; the address itself is not repeated, since its path or query may be a credential */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw outboundFailure('outbound.request_invalid', 'the address is not an absolute http or https one');
  if (url.username !== '' || url.password !== '') throw outboundFailure('outbound.request_invalid', `the address of ${url.host} holds a user or password`);
  return url;
}

/** axios would mend a bad value without a word. */
function requireHeaders(headers: Readonly<Record<string, string>>, origin: string): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw outboundFailure('outbound.request_invalid', `${origin}: header ${JSON.stringify(name)} has a character that is not allowed`);
    }
  }
}

function encode(body: HttpRequest['body']): { data: string | Buffer | undefined; type: string | undefined } {
  if (body === undefined) return { data: undefined, type: undefined };
  if (Buffer.isBuffer(body)) return { data: body, type: 'application/octet-stream' };
  if (typeof body === 'string') return { data: body, type: 'text/plain; charset=utf-8' };
  return { data: JSON.stringify(body), type: 'application/json' };
}

/** Node's own transport, watched: whether the request had a connection, and what Node said when it failed. */
class Sending {
  connected = false;
  error: Error | undefined;

  request(options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const request = options.protocol === 'https:' ? httpsRequest(options, onResponse) : httpRequest(options, onResponse);
    // Our agents hand over connected sockets only.
    request.once('socket', () => (this.connected = true));
    request.once('error', (error) => (this.error ??= error));
    return request;
  }
}

interface FailureContext {
  readonly origin: string;
  readonly sending: Sending;
  readonly deadline: Deadline;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Errors of axios carry the whole request: nothing of them goes on but a system code. */
function explain(error: unknown, { origin, sending, deadline, timeoutMs, maxResponseBytes }: FailureContext): ActionFailure {
  const sent = { notSent: !sending.connected };
  if (sending.error instanceof ActionFailure) return sending.error;
  if (deadline.reason === 'timeout') return outboundFailure('outbound.timeout', `${origin} within ${timeoutMs} ms`, sent);
  if (deadline.reason === 'given_up') return outboundFailure('outbound.given_up', origin, sent);
  const code = systemCode(sending.error) ?? systemCode(error) ?? 'unknown error';
  if (isAxiosError(error) && error.message.startsWith('maxContentLength')) return outboundFailure('outbound.answer_too_large', `${origin}: more than ${maxResponseBytes} bytes`);
  if (/^(?:HPE_|Z_|ERR_PADDING|ERR_.*BROTLI|ERR__ERROR)/.test(code)) return outboundFailure('outbound.answer_unreadable', `${origin} (${code})`);
  return outboundFailure('outbound.connection_lost', `${origin} (${code})`, sent);
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function toResponse({ status, headers, data }: AxiosResponse<Buffer>): HttpResponse {
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value)]));
  const text = Buffer.from(data).toString('utf8');
  const retryAfterMs = parseRetryAfter(plain['retry-after'], new Date());
  return { status, headers: plain, text, json: parseJson(text), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
