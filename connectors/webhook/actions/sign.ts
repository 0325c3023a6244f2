import { createHmac } from 'node:crypto';
import { ActionFailure, type Secret } from '#sdk/index.js';

const PREFIX = 'whsec_';

/** Headers of a signed message: Standard Webhooks 1.0, HMAC-SHA256 over `id.timestamp.body`. */
export function signedHeaders(secret: Secret, { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string }): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

function keyOf(secret: Secret): Buffer {
  const text = secret.reveal();
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  // Node decodes anything; a password in place of a key would give another key than the receiver has.
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(encoded)) throw new ActionFailure('the secret of the endpoint is no base64 key', { code: 'INPUT_INVALID', retryable: false, notSent: true });
  return Buffer.from(encoded, 'base64');
}
