import { ActionFailure, expectStatus, pathSegment, type HttpClient, type HttpResponse } from '#sdk/index.js';
import { z } from 'zod';
import type { ScimConfig } from '../config.js';

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const SCIM_JSON = 'application/scim+json';

/** What is read of a user (RFC 7643 §4.1). Some servers write booleans as text. */
const userSchema = z.object({
  id: z.string().min(1),
  userName: z.string().optional(),
  externalId: z.string().nullish(),
  emails: z.array(z.object({ value: z.string().optional() })).nullish(),
  active: z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })]).optional(),
});
const listSchema = z.object({ totalResults: z.int(), Resources: z.array(userSchema).default([]) });

export type ScimUser = z.output<typeof userSchema>;

/** The users of a SCIM 2.0 server (RFC 7644). */
export class ScimUsers {
  constructor(
    private readonly config: ScimConfig,
    private readonly http: HttpClient,
  ) {}

  /**
   * The one user of a name. Whoever is protected is so by name, so that an id alone finds nobody: with it, the user of that id
   * is given if it has the name.
   * @throws ActionFailure where there is none, or several, or somebody else
   */
  async find(name: string, id?: string): Promise<ScimUser> {
    const user = id === undefined ? await this.search(name) : await this.get(id);
    const names = this.namesOf(user);
    // A server that passes over filters would have the wrong person locked out; with a search, one that leaves the attribute out of its answers is believed.
    const carries = names.length === 0 ? id === undefined && this.config.userField !== 'userName' : names.some((one) => one.toLowerCase() === name.toLowerCase());
    if (!carries) throw refused(id === undefined ? `the directory answers a search by ${this.config.userField} with somebody else` : `the user of this id does not have this ${this.config.userField}`);
    return user;
  }

  async get(id: string): Promise<ScimUser> {
    const response = await this.send('GET', `/Users/${pathSegment(id, 'id of the user')}`);
    if (response.status === 404) throw refused('the directory has no such user');
    return read(userSchema, expectStatus(response, [200], 'read a user'));
  }

  async setActive(id: string, active: boolean): Promise<void> {
    const value = this.config.booleans === 'json' ? active : active ? 'True' : 'False';
    const operation = this.config.patch === 'path' ? { op: 'replace', path: 'active', value } : { op: 'replace', value: { active: value } };
    const response = await this.send('PATCH', `/Users/${pathSegment(id, 'id of the user')}`, { schemas: [PATCH_OP], Operations: [operation] });
    expectStatus(response, [200, 202, 204], active ? 'reactivate a user' : 'deactivate a user');
  }

  private async search(name: string): Promise<ScimUser> {
    // A filter holds JSON strings (RFC 7644 §3.4.2.2), so that a quote in a name stays a part of it.
    const filter = `${this.config.userField} eq ${JSON.stringify(name)}`;
    const response = expectStatus(await this.send('GET', `/Users?filter=${encodeURIComponent(filter)}&count=2`), [200], 'look a user up');
    const { totalResults, Resources } = read(listSchema, response);
    const [user] = Resources;
    if (totalResults > 1 || Resources.length > 1) throw refused(`${totalResults} users have this ${this.config.userField}; give the id as well`);
    if (!user) throw refused(`the directory has no user of this ${this.config.userField}`);
    return user;
  }

  private namesOf({ userName, externalId, emails }: ScimUser): string[] {
    const values = { userName: [userName], externalId: [externalId], 'emails.value': emails?.map(({ value }) => value) ?? [] }[this.config.userField];
    return values.flatMap((value) => value ?? []);
  }

  private send(method: 'GET' | 'PATCH', path: string, body?: object): Promise<HttpResponse> {
    return this.http.request({
      method,
      url: this.config.baseUrl + path,
      headers: { authorization: `Bearer ${this.config.token.reveal()}`, accept: SCIM_JSON, ...(body ? { 'content-type': SCIM_JSON } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
}

const refused = (message: string) => new ActionFailure(message, { code: 'REFUSED_BY_TARGET', retryable: false });

function read<T>(schema: z.ZodType<T>, { json }: HttpResponse): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ActionFailure(`the answer is not that of a SCIM server: ${parsed.error.issues[0]?.path.join('.') || 'body'}`, { code: 'REFUSED_BY_TARGET', retryable: false });
}
