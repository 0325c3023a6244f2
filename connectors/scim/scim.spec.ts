import { describe, expect, test } from '@jest/globals';
import { FaultyServer, describeHttpAction, type Answer, type SeenRequest } from '#sdk/testing.js';
import { scim } from './connector.js';

/** As much of a directory as one user needs. */
function directory(active: boolean): (request: SeenRequest) => Answer {
  const user = { id: 'u1', userName: 'avery "A"', active };
  return ({ method, path, body }) => {
    if (method === 'PATCH') user.active = (JSON.parse(body) as { Operations: { value: boolean }[] }).Operations[0]!.value;
    const isList = path.startsWith('/Users?');
    return { status: 200, body: JSON.stringify(isList ? { totalResults: 1, Resources: [user] } : user) };
  };
}

for (const [action, active] of [['scim.deactivate-user', true], ['scim.reactivate-user', false]] as const) {
  describeHttpAction({
    connector: scim,
    action,
    config: (url) => ({ baseUrl: url, token: 'env:SECRET', settle: '0s' }),
    input: { user: 'avery "A"' },
    target: () => directory(active),
  });
}

const bind = (server: FaultyServer, more: object = {}) => {
  const http = {
    request: async ({ url, method, body }: { url: string; method: string; body?: unknown }) => {
      const response = await fetch(url, { method, ...(body === undefined ? {} : { body: String(body) }) });
      const text = await response.text();
      return { status: response.status, headers: {}, text, json: text === '' ? undefined : (JSON.parse(text) as never) };
    },
  };
  const config = { baseUrl: server.url, token: { reveal: () => 'token' }, userField: 'userName', patch: 'path', booleans: 'json', settle: 0, ...more };
  const [deactivate] = scim.actions;
  return deactivate!.bind({ config, http, dialer: { connect: () => Promise.reject(new Error('not used')) } });
};
const call = { input: { user: 'avery "A"' }, key: 'k', attempt: 1, now: new Date(0), signal: new AbortController().signal };

test('a quote in a name stays a part of it', async () => {
  const server = await FaultyServer.start();
  server.behaviour = directory(true);
  await bind(server).do(call);
  expect(new URL(server.seen[0]!.path, server.url).searchParams.get('filter')).toBe('userName eq "avery \\"A\\""');
  await server.close();
});

test('a directory that passes over the filter has nobody locked out', async () => {
  const server = await FaultyServer.start();
  server.behaviour = () => ({ status: 200, body: JSON.stringify({ totalResults: 1, Resources: [{ id: 'u2', userName: 'somebody else', active: true }] }) });
  await expect(bind(server).do(call)).rejects.toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false });
  expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  await server.close();
});

describe('whoever was judged is who is acted upon', () => {
  /** A directory of two that keeps to filters; what is protected is protected by name. */
  const users = [
    { id: 'u1', userName: 'root', externalId: 'x-root', emails: [{ value: 'root@example.com' }], active: true },
    { id: 'u2', userName: 'avery', active: true },
    { id: '..', userName: 'dots', active: true },
  ];
  const keeping = ({ path }: SeenRequest): Answer => {
    const url = new URL(path, 'http://directory.example.com');
    const [, field, value] = /^(\S+) eq "(.*)"$/.exec(url.searchParams.get('filter') ?? '') ?? [];
    const found = field === undefined ? undefined : users.filter((user) => (field === 'emails.value' ? user.emails?.[0]?.value : user[field as 'userName']) === value);
    if (found) return { status: 200, body: JSON.stringify({ totalResults: found.length, Resources: found }) };
    const user = users.find(({ id }) => url.pathname === `/Users/${id}`);
    return user ? { status: 200, body: JSON.stringify(user) } : { status: 404 };
  };

  test.each([
    ['the id of a directory in place of the name', { user: 'u1' }, {}],
    ['the id of somebody else', { user: 'avery', id: 'u1' }, {}],
    ['an id where the directory does not say the attribute', { user: 'avery', id: 'u2' }, { userField: 'externalId' }],
    ['an id that leads to another path', { user: 'avery', id: '..' }, {}],
    ['an id that leads to another path, out of the directory', { user: 'dots' }, {}],
  ])('%s has nobody locked out', async (_what, input, more) => {
    const server = await FaultyServer.start();
    server.behaviour = keeping;
    await expect(bind(server, more).do({ ...call, input })).rejects.toMatchObject({ retryable: false });
    expect(server.seen.filter(({ method, path }) => method === 'PATCH' || path === '/')).toEqual([]);
    await server.close();
  });

  test.each([[{ user: 'ROOT', id: 'u1' }, {}], [{ user: 'x-root', id: 'u1' }, { userField: 'externalId' }], [{ user: 'root@example.com' }, { userField: 'emails.value' }], [{ user: 'root@example.com', id: 'u1' }, { userField: 'emails.value' }]])('%j is found', async (input, more) => {
    const server = await FaultyServer.start();
    server.behaviour = keeping;
    const { result } = await bind(server, more).do({ ...call, input });
    expect([result['id'], server.seen.map(({ method, path }) => `${method} ${path.split('?')[0]!}`).at(-1)]).toEqual(['u1', 'PATCH /Users/u1']);
    await server.close();
  });

  test('an undo names the user as the governor knows it', async () => {
    const server = await FaultyServer.start();
    server.behaviour = keeping;
    const action = bind(server);
    const input = { user: 'avery' };
    const undo = action.undoInput!(input, await action.do({ ...call, input }));
    expect([undo, action.entities(undo)]).toEqual([{ user: 'avery', id: 'u2' }, [{ type: 'account', value: 'avery' }]]);
    await server.close();
  });
});

test('speaks the dialects of servers', async () => {
  const server = await FaultyServer.start();
  const operations = [];
  for (const dialect of [{}, { patch: 'value' }, { booleans: 'text' }, { patch: 'value', booleans: 'text' }]) {
    server.behaviour = directory(true);
    await bind(server, dialect).do(call);
    operations.push((JSON.parse(server.seen.at(-1)!.body) as { Operations: unknown[] }).Operations[0]);
  }
  expect(operations).toEqual([
    { op: 'replace', path: 'active', value: false },
    { op: 'replace', value: { active: false } },
    { op: 'replace', path: 'active', value: 'False' },
    { op: 'replace', value: { active: 'False' } },
  ]);
  await server.close();
});
