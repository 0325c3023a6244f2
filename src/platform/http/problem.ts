import { CordonError, type ErrorDetails } from '../../kernel/index.js';
import { httpErrors } from './http.errors.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457 problem document. `code`, `remedy`, `field` and the members of `extra` are extensions (§3.2). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly instance: string;
  readonly detail?: string;
  readonly field?: string;
  readonly [extension: string]: unknown;
}

export interface ProblemReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
  /** True where the error is ours: the caller logs it, the document tells nothing about it. */
  readonly unexpected: boolean;
}

/** The answer to a request that failed with `error`; `requestId` names the request in document and log. */
export function problemReply(error: unknown, requestId: string): ProblemReply {
  const known = error instanceof CordonError;
  const { code, definition, details } = known ? error : fromForeign(error);
  const { detail, field, retryAfter, headers, extra }: ErrorDetails = details;
  return {
    status: definition.status,
    headers: { ...headers, 'content-type': PROBLEM_TYPE, ...(retryAfter === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }) },
    body: {
      ...extra,
      type: `urn:cordon:error:${code}`,
      title: definition.title,
      status: definition.status,
      ...(detail === undefined ? {} : { detail }),
      code,
      ...(field === undefined ? {} : { field }),
      remedy: definition.remedy,
      instance: `urn:cordon:request:${requestId}`,
    },
    unexpected: definition.status >= 500 && definition.retryable !== true,
  };
}

type Foreign = { statusCode?: unknown; status?: unknown; message?: unknown };

/** Errors of Fastify and Nest carry a status; only their 4xx messages are fit for the caller. */
function fromForeign(error: unknown): CordonError {
  const foreign: Foreign = typeof error === 'object' && error !== null ? error : {};
  const status = typeof foreign.statusCode === 'number' ? foreign.statusCode : foreign.status;
  const detail = typeof foreign.message === 'string' ? foreign.message : undefined;
  switch (status) {
    case 404:
      return httpErrors.create('http.not_found');
    case 405:
      return httpErrors.create('http.method_not_allowed');
    case 408:
      return httpErrors.create('http.timeout');
    case 413:
      return httpErrors.create('http.body_too_large');
    case 415:
      return httpErrors.create('http.unsupported_media_type');
    case 503:
      return httpErrors.create('http.unavailable', { retryAfter: 1 });
    default:
      if (typeof status === 'number' && status >= 400 && status < 500) {
        return httpErrors.create('http.bad_request', { ...(detail === undefined ? {} : { detail }) });
      }
      return httpErrors.create('http.internal', { cause: error });
  }
}
