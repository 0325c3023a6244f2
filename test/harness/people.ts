import { ApiKeyService } from '../../src/access/index.js';
import type { Role } from '../../src/kernel/index.js';
import type { Product } from './product.js';

/** Imports CSV files by name into the context. */
export async function importContext(product: Product, files: Readonly<Record<string, string>>): Promise<void> {
  const key = await newKey(product, ['admin']);
  const body = { source: 'hr', files: Object.entries(files).map(([name, content]) => ({ name, content })) };
  const answer = await as(product, key, 'POST', '/v1/context/import', body);
  if (!answer.ok) throw new Error(`import: ${answer.status} ${await answer.text()}`);
}

/** A key, of a person where one is named. */
export async function newKey(product: Product, roles: readonly Role[], person?: string): Promise<string> {
  return (await product.app.nest.get(ApiKeyService).create({ name: person ?? roles.join('+'), roles, ...(person === undefined ? {} : { person }) }, 'system:test')).text;
}

/** An API call with a key. */
export function as(product: Pick<Product, 'url'>, key: string, method: string, address: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return fetch(product.url + address, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
