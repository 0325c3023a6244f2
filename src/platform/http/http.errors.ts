import { defineErrors } from '../../kernel/index.js';

export const httpErrors = defineErrors({
  'http.bad_request': {
    status: 400,
    title: 'The request cannot be understood',
    remedy: 'Correct what the detail names and send the request again.',
  },
  'http.not_found': {
    status: 404,
    title: 'There is nothing at this address',
    remedy: 'Check the path against docs/api.md.',
  },
  'http.method_not_allowed': {
    status: 405,
    title: 'This address does not take this method',
    remedy: 'Use one of the methods in the Allow header.',
  },
  'http.body_too_large': {
    status: 413,
    title: 'The request body is too large',
    remedy: 'Send less in one request; docs/api.md gives the limit of each address.',
  },
  'http.unsupported_media_type': {
    status: 415,
    title: 'The content type of the request is not supported here',
    remedy: 'Send JSON with Content-Type: application/json.',
  },
  'http.timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    remedy: 'Send the request again over a working connection.',
    retryable: true,
  },
  'http.unavailable': {
    status: 503,
    title: 'The server is stopping or not ready yet',
    remedy: 'Try again after the time in Retry-After.',
    retryable: true,
  },
  'http.internal': {
    status: 500,
    title: 'The server failed on this request',
    remedy: 'Look for the request id (member instance) in the server log and report the entry.',
  },
  'http.route_without_access': {
    status: 500,
    title: 'A route was registered without an access decision',
    remedy: "Give the route the config { access: { permission: '…' } }, or add it to the public table with a reason.",
  },
});
