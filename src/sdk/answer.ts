import { ActionFailure, isJsonObject, type HttpResponse } from '../kernel/index.js';

const TOO_MANY = 429;
const UNAVAILABLE = 503;
const LONGEST_QUOTE = 200;

/**
 * Gives the answer where its status is one of `wanted`, else throws the failure that it stands for: 429 and 503 with
 * `Retry-After` were not carried out and may be tried again; other 5xx leave open what happened; the rest is a refusal.
 * @param what in the words of a person: "revoke a token"
 * @throws ActionFailure
 */
export function expectStatus(response: HttpResponse, wanted: readonly number[], what: string): HttpResponse {
  const { status, retryAfterMs } = response;
  if (wanted.includes(status)) return response;
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const message = `could not ${what}: the target answered ${status}${quote(response)}`;
  if (status === TOO_MANY || (status === UNAVAILABLE && retryAfterMs !== undefined)) {
    throw new ActionFailure(message, { code: 'REFUSED_BY_TARGET', retryable: true, notSent: true, ...wait });
  }
  if (status >= 500) throw new ActionFailure(message, { code: 'UNKNOWN_OUTCOME', retryable: true, ...wait });
  if (status >= 300 && status < 400) throw new ActionFailure(`${message}, a redirect, which is not followed; configure the address it leads to`, { code: 'REFUSED_BY_TARGET', retryable: false });
  throw new ActionFailure(message, { code: 'REFUSED_BY_TARGET', retryable: false });
}

/** What the target says of it, from the members in which OAuth, SCIM and RFC 9457 put it. */
function quote({ json }: HttpResponse): string {
  if (!isJsonObject(json)) return '';
  const said = ['error', 'error_description', 'title', 'detail', 'message'].map((name) => json[name]).filter((value) => typeof value === 'string');
  const text = said.join(': ').replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, LONGEST_QUOTE);
  return text === '' ? '' : ` (${text})`;
}
