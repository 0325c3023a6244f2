import { z } from 'zod';
import { duration, httpUrl, secret } from '#sdk/index.js';

export const elasticConfig = z.strictObject({
  node: httpUrl().describe('Address of Elasticsearch 8 or 9, with a path if it has one.'),
  auth: z
    .union([
      z.strictObject({ apiKey: secret().describe('API key, the base64 form that Kibana shows.') }),
      z.strictObject({ username: z.string().min(1).describe('User name.'), password: secret().describe('Password.') }),
    ])
    .describe('An API key, or user name and password. Needed rights: create_doc and auto_configure on logs-cordon.*, manage_index_templates unless manageTemplate is false.'),
  namespace: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.]{0,99}$/, 'has other characters than a-z, 0-9, _ and .')
    .default('default')
    .describe('Last part of the data streams logs-cordon.<what>-<namespace>.'),
  manageTemplate: z.boolean().default(true).describe('Whether Cordon puts the index template `cordon`; false where somebody else keeps it.'),
  timeout: duration('30s').describe('Longest wait for an answer.'),
});
