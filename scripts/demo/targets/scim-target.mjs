import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import SCIMMYRouters, { SCIMMY } from 'scimmy-routers';
import { listen } from './listen.mjs';

/**
 * A real SCIM 2.0 directory (scimmy) with users in memory.
 *
 * @param options.users user names
 * @param options.lies a change is answered as done and not made
 */
export async function startScimTarget({ port = 0, token = randomBytes(16).toString('hex'), users = [], lies = false } = {}) {
  const state = { lies };
  const store = new Map();
  for (const userName of users) {
    const id = randomUUID();
    store.set(id, { id, userName, active: true });
  }
  // scimmy has one set of handlers a process: what belongs to this target comes in by the context.
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .egress((resource, context) => {
      const all = [...context.store.values()];
      if (!resource.id) return resource.filter ? resource.filter.match(all) : all;
      const found = context.store.get(resource.id);
      if (!found) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
      return found;
    })
    .ingress((resource, data, context) => {
      const id = resource.id ?? randomUUID();
      const before = context.store.get(id);
      const after = { ...before, ...data, id };
      if (!context.state.lies) context.store.set(id, after);
      return after;
    })
    .degress((resource, context) => void context.store.delete(resource.id));
  const app = express();
  app.use('/scim/v2', new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.headers.authorization !== `Bearer ${token}`) throw new Error('the token is wrong');
      return 'cordon';
    },
    context: () => ({ store, state }),
  }));
  const { url, close } = await listen(createServer(app), port);
  return {
    url: `${url}/scim/v2`,
    token,
    state,
    /** What the directory itself holds, past its interface. */
    user: (userName) => [...store.values()].find((user) => user.userName === userName),
    close,
  };
}
