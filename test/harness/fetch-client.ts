import { ActionFailure, type HttpClient, type HttpRequest, type HttpResponse, type JsonValue } from '../../src/kernel/index.js';

/** An HTTP client without a guard, for tests of what speaks to a server on this machine. */
export const fetchClient: HttpClient = {
  async request({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) };
    let response: Response;
    try {
      response = await fetch(url, { method, headers: { ...headers }, redirect: 'manual', ...sent, ...(signal ? { signal } : {}) });
    } catch (cause) {
      throw new ActionFailure('no answer', { code: 'UNKNOWN_OUTCOME', retryable: true, cause });
    }
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), text, json: asJson(text) };
  },
};

function asJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
