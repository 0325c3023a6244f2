import { defineErrors } from '../kernel/index.js';

export const accessErrors = defineErrors({
  'access.unauthenticated': {
    status: 401,
    title: 'The request carries no valid API key',
    remedy: 'Send `Authorization: Bearer cordon_…` with a key that is active; `cordon keys create` makes one.',
  },
  'access.no_session': {
    status: 401,
    title: 'You are not signed in, or the session has ended',
    remedy: 'Sign in with your API key on /login; a session lasts 15 minutes.',
  },
  'access.form_used': {
    status: 409,
    title: 'This form was sent before, or it belongs to another session',
    remedy: 'Open the page again and use the fresh form.',
  },
  'access.foreign_form': {
    status: 403,
    title: 'This form was not sent from a page of this server',
    remedy: 'Open the page here and use its form; behind a proxy that changes the host name, set server.publicUrl.',
  },
  'access.forbidden': {
    status: 403,
    title: 'The roles of this API key do not allow this operation',
    remedy: 'Use a key whose roles have the permission that the detail names; docs/access.md lists them.',
  },
  'access.unavailable': {
    status: 503,
    title: 'The API key cannot be checked right now',
    remedy: 'Try again after the time in Retry-After; check the database if it lasts.',
    retryable: true,
  },
  'access.unknown_role': {
    status: 400,
    title: 'There is no such role',
    remedy: 'Use one or more of viewer, analyst, engineer, responder, approver, privacy, auditor, admin.',
  },
  'access.unknown_person': {
    status: 400,
    title: 'The context knows nobody with this id',
    remedy: 'Import the person first (`cordon context import`) or correct the id; `cordon context show person:ID` looks one up.',
  },
  'access.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the member that the detail names; docs/api.md lists them.',
  },
  'access.unknown_key': {
    status: 404,
    title: 'There is no API key with this id',
    remedy: 'List the keys with `cordon keys list` and use the id in the first column.',
  },
  'access.last_admin': {
    status: 409,
    title: 'This is the last active admin key',
    remedy: 'Create another admin key first, then revoke this one.',
  },
  'access.malformed_admin_key': {
    status: 500,
    title: 'The configured admin key has the wrong form',
    remedy: 'keys.admin must refer to a key of the form cordon_<32 hex digits>_<43 characters of base64url>; `cordon keys generate` makes one.',
  },
  'access.admin_key_file': {
    status: 500,
    title: 'The file of the first admin key cannot be written',
    remedy: 'Make the data directory writable for this user, then start again.',
  },
});
