import { createHmac, randomUUID } from 'node:crypto';
import { Failure } from '../lib/failure.mjs';

/** The product's API with one key. */
export class Api {
  constructor(url, key) {
    this.url = url;
    this.key = key;
  }

  get(path) {
    return this.#call('GET', path);
  }

  post(path, body) {
    return this.#call('POST', path, body);
  }

  /** @throws {Failure} for every answer but 2xx */
  async #call(method, path, body) {
    const headers = { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await fetch(this.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Failure(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

/**
 * Delivers records as a sensor does: signed over time and bytes, under a delivery id of its own.
 *
 * @returns ids of the stored records
 */
export async function deliver(url, source, signingKey, records) {
  const body = JSON.stringify(records);
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', signingKey).update(`${seconds}.${body}`).digest('hex');
  const answer = await fetch(`${url}/v1/intake/${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cordon-delivery': randomUUID(), 'x-cordon-signature': `t=${seconds},v1=${signature}` },
    body,
  });
  const result = await answer.json();
  if (answer.status !== 202 || result.accepted !== records.length) throw new Failure(`${records.length} records of ${source} were answered with ${answer.status}: ${JSON.stringify(result)}`);
  return result.ids;
}
