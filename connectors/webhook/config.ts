import { httpUrl, secret } from '#sdk/index.js';
import { z } from 'zod';

const endpoint = z.strictObject({
  url: httpUrl().describe('Address that gets the POST.'),
  secret: secret().describe('Key of the signature in the form of Standard Webhooks, `whsec_` and base64.'),
});

export const webhookConfig = z.strictObject({
  endpoints: z.record(z.string().min(1), endpoint).describe('Receivers by name. A playbook that names none means the one called `default`, or the only one.'),
});
