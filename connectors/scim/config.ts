import { duration, httpUrl, secret, type Resolved } from '#sdk/index.js';
import { z } from 'zod';

export const scimConfig = z.strictObject({
  baseUrl: httpUrl().describe('Address below which the server has /Users, without a slash at the end.').transform((url) => url.replace(/\/+$/, '')),
  token: secret().describe('Bearer token that may read and change users.'),
  userField: z.enum(['userName', 'externalId', 'emails.value']).default('userName').describe('Attribute by which a user is named, the same that protected identities are listed by.'),
  patch: z.enum(['path', 'value']).default('path').describe('How the server wants the change: `path: active` with the value, or no path and the attribute in the value.'),
  booleans: z.enum(['json', 'text']).default('json').describe('Whether the server takes true and false, or the words "True" and "False".'),
  settle: duration('2s').describe('How long a read-back waits for the change to show.'),
});

export type ScimConfig = Resolved<z.output<typeof scimConfig>>;
