import { z } from 'zod';
import { duration, httpUrl, secret } from '#sdk/index.js';

export const splunkConfig = z.strictObject({
  url: httpUrl().describe('Address of the HTTP Event Collector, such as https://splunk.example.com:8088.'),
  token: secret().describe('Token of the collector; indexer acknowledgement has to be off.'),
  index: z.string().min(1).optional().describe('Index to write to; absent: the default one of the token.'),
  host: z.string().min(1).default('cordon').describe('Value of `host` of each event.'),
  timeout: duration('30s').describe('Longest wait for an answer.'),
});
