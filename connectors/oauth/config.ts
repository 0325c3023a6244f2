import { duration, httpUrl, secret, type Resolved } from '#sdk/index.js';
import { z } from 'zod';

const ACCOUNT = '{account}';

const grants = z.strictObject({
  url: z
    .string()
    .refine((url) => url.includes(ACCOUNT) && /^https?:\/\/[^/@?#{}]+[/?][^#]*$/.test(url), `must be an http or https address with ${ACCOUNT} in its path or query`)
    .describe('Address that lists the tokens of an account; {account} stands for its name.'),
  token: secret().optional().describe('Bearer token for the list; without it the client\'s credentials are used.'),
  items: z.string().default('').describe('Dotted path to the list in the answer; empty: the answer is the list.'),
  value: z.string().min(1).default('token').describe('Dotted path to the token in an item.'),
  kind: z.string().min(1).default('kind').describe('Dotted path to `access_token` or `refresh_token` in an item.'),
});

export const oauthConfig = z.strictObject({
  revocation: httpUrl().describe('Revocation endpoint (RFC 7009).'),
  introspection: httpUrl().optional().describe('Introspection endpoint (RFC 7662), by which revocation is proved.'),
  client: z.strictObject({
    id: z.string().min(1).describe('Client that may revoke and introspect.'),
    secret: secret().describe('Its secret.'),
    auth: z.enum(['basic', 'post']).default('basic').describe('Whether it authenticates by header or in the form.'),
  }).describe('Client at the authorisation server.'),
  grants: grants.optional().describe('Where the tokens of an account are listed. Without it a playbook has to give the tokens.'),
  localAccess: duration('0s').describe('How long resource servers accept an access token without asking, where its own expiry cannot be read; 0s: they always ask. A JWT names its expiry itself.'),
  settle: duration('2s').describe('How long a read-back waits for the revocation to show.'),
});

export type OauthConfig = Resolved<z.output<typeof oauthConfig>>;
