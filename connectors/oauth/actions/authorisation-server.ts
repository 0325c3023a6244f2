import { ActionFailure, expectStatus, pathSegment, type HttpClient, type HttpResponse, type JsonValue } from '#sdk/index.js';
import { z } from 'zod';
import type { OauthConfig } from '../config.js';
import type { Token } from './token.js';

const introspectionSchema = z.object({ active: z.boolean() });
const errorSchema = z.object({ error: z.string() });
const kindSchema = z.enum(['access_token', 'refresh_token']);

/** The endpoints of an authorisation server that are used here. */
export class AuthorisationServer {
  constructor(
    private readonly config: OauthConfig,
    private readonly http: HttpClient,
  ) {}

  /** Tokens of an account; undefined where nothing lists them: none is configured, or it does not know the account. */
  async list(account: string): Promise<Token[] | undefined> {
    const { grants } = this.config;
    if (!grants) return undefined;
    const url = grants.url.replaceAll('{account}', pathSegment(account, 'account'));
    const authorization = grants.token ? `Bearer ${grants.token.reveal()}` : this.basic();
    const response = await this.http.request({ method: 'GET', url, headers: { authorization } });
    // It may never have logged in, or be misspelt.
    if (response.status === 404) return undefined;
    const items = at(expectStatus(response, [200], 'list the tokens of an account').json, grants.items);
    if (!Array.isArray(items)) throw unusable(`grants.items (${grants.items || 'the answer itself'}) is no list`);
    return items.map((item) => {
      const value = at(item, grants.value);
      if (typeof value !== 'string' || value === '') throw unusable(`grants.value (${grants.value}) is no text in an item`);
      const kind = kindSchema.safeParse(at(item, grants.kind));
      return { value, kind: kind.success ? kind.data : undefined };
    });
  }

  /** Gives whether the server can revoke such a token at all (RFC 7009 §2.2.1). */
  async revoke({ value, kind }: Token): Promise<boolean> {
    const response = await this.post(this.config.revocation, { token: value, ...(kind ? { token_type_hint: kind } : {}) });
    if (response.status === 400 && errorSchema.safeParse(response.json).data?.error === 'unsupported_token_type') return false;
    // 200 also stands for a token that it never knew.
    expectStatus(response, [200, 204], 'revoke a token');
    return true;
  }

  /** Whether a token is active; undefined where the server cannot say. */
  async isActive({ value, kind }: Token): Promise<boolean | undefined> {
    if (this.config.introspection === undefined) return undefined;
    const response = await this.post(this.config.introspection, { token: value, ...(kind ? { token_type_hint: kind } : {}) });
    if (response.status === 400 && errorSchema.safeParse(response.json).data?.error === 'unsupported_token_type') return undefined;
    const answer = introspectionSchema.safeParse(expectStatus(response, [200], 'introspect a token').json);
    if (!answer.success) throw unusable('the introspection has no `active`');
    return answer.data.active;
  }

  private post(url: string, fields: Record<string, string>): Promise<HttpResponse> {
    const { client } = this.config;
    const form = new URLSearchParams(fields);
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    if (client.auth === 'basic') headers['authorization'] = this.basic();
    else for (const [name, value] of [['client_id', client.id], ['client_secret', client.secret.reveal()]] as const) form.set(name, value);
    return this.http.request({ method: 'POST', url, headers, body: form.toString() });
  }

  /** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
  private basic(): string {
    const { id, secret } = this.config.client;
    const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
    return `Basic ${Buffer.from(`${encode(id)}:${encode(secret.reveal())}`).toString('base64')}`;
  }
}

const unusable = (message: string) => new ActionFailure(`the answer cannot be used: ${message}`, { code: 'REFUSED_BY_TARGET', retryable: false });

function at(value: JsonValue | undefined, path: string): JsonValue | undefined {
  let found = value;
  for (const key of path === '' ? [] : path.split('.')) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, key)) return undefined;
    found = found[key];
  }
  return found;
}
