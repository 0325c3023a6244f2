// A directory on loopback with the three requests of a deactivation (RFC 7644: search, PATCH, read), and how long each took here.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param delayMs how long the directory thinks about each request */
export async function scimTarget({ delayMs, token }) {
  const inactive = new Set();
  const latencies = [];
  const deactivations = new Map();
  const user = (id) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], id, userName: id, active: !inactive.has(id) });
  const answer = ({ method, url }) => {
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    if (searchParams.has('filter')) {
      const id = JSON.parse(searchParams.get('filter').replace(/^\w+ eq /, ''));
      return { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 1, Resources: [user(id)] };
    }
    const id = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
    if (method === 'PATCH') {
      inactive.add(id);
      deactivations.set(id, (deactivations.get(id) ?? 0) + 1);
    }
    return user(id);
  };
  const server = createServer(async (request, response) => {
    const began = performance.now();
    const authorised = request.headers.authorization === `Bearer ${token}`;
    for await (const _chunk of request);
    await sleep(delayMs);
    response.writeHead(authorised ? 200 : 401, { 'content-type': 'application/scim+json' }).end(JSON.stringify(authorised ? answer(request) : {}));
    latencies.push(performance.now() - began);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/scim/v2`,
    latencies,
    inactive,
    /** Name to number of PATCH requests. */
    deactivations,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
