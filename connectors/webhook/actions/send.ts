import { ActionFailure, defineAction, expectStatus } from '#sdk/index.js';
import { z } from 'zod';
import { webhookConfig } from '../config.js';
import { signedHeaders } from './sign.js';

const OK = [200, 201, 202, 204];

export const webhookSend = defineAction({
  id: 'webhook.send',
  title: 'Send a signed message to a web hook',
  effectClass: 'keyed',
  destructive: false,
  notify: true,
  config: webhookConfig,
  input: z.strictObject({
    endpoint: z.string().min(1).optional().describe('Name of a configured endpoint.'),
    type: z.string().regex(/^[a-zA-Z0-9_]+(?:\.[a-zA-Z0-9_]+)*$/).default('cordon.notice').describe('Kind of message, words separated by dots.'),
    body: z.union([z.string(), z.record(z.string(), z.unknown())]).describe('Text, or any object.'),
  }),
  result: z.strictObject({ endpoint: z.string(), status: z.int() }),
  timeout: '30s',
  entities: () => [],
  async do({ input, config, key, now, http }) {
    const name = input.endpoint ?? defaultEndpoint(Object.keys(config.endpoints));
    const endpoint = config.endpoints[name];
    if (!endpoint) throw new ActionFailure(`there is no endpoint '${name}' in connectors.webhook.endpoints`, { code: 'INPUT_INVALID', retryable: false, notSent: true });
    const data = typeof input.body === 'string' ? { text: input.body } : input.body;
    const body = JSON.stringify({ type: input.type, timestamp: now.toISOString(), data });
    const headers = { 'content-type': 'application/json', ...signedHeaders(endpoint.secret, { id: key, at: now, body }) };
    const { status } = expectStatus(await http.request({ method: 'POST', url: endpoint.url, headers, body }), OK, `deliver to web hook ${name}`);
    return { result: { endpoint: name, status } };
  },
  verify: { none: 'the receiver\'s answer says that it took the message, and there is no way to ask again' },
  undo: { none: 'a message that was sent cannot be called back' },
});

function defaultEndpoint(names: readonly string[]): string {
  const [only] = names;
  if (names.includes('default')) return 'default';
  if (names.length === 1 && only !== undefined) return only;
  throw new ActionFailure('input.endpoint is needed: there are several endpoints and none is called default', { code: 'INPUT_INVALID', retryable: false, notSent: true });
}
