import { defineAction, notVerified, settle, verified, type ConnectorAction } from '#sdk/index.js';
import { z } from 'zod';
import { scimConfig } from '../config.js';
import { ScimUsers } from './scim-users.js';

interface Direction {
  readonly id: `scim.${string}`;
  readonly title: string;
  readonly active: boolean;
  readonly takenBackBy: string;
}

/** Deactivation and its reverse are one change with another value. */
function setActive({ id, title, active, takenBackBy }: Direction): ConnectorAction {
  return defineAction({
    id,
    title,
    effectClass: 'convergent',
    destructive: !active,
    config: scimConfig,
    input: z.strictObject({
      user: z.string().min(1).describe('Name of the user: the value of connectors.scim.userField.'),
      id: z.string().min(1).optional().describe('Id of the directory, where it is known. The user has to have the name all the same.'),
    }),
    result: z.strictObject({ id: z.string(), userName: z.string().nullable(), wasActive: z.boolean().nullable() }),
    timeout: '30s',
    entities: ({ user }) => [{ type: 'account', value: user }],
    async do({ input, config, http }) {
      const users = new ScimUsers(config, http);
      const user = await users.find(input.user, input.id);
      const already = user.active === active;
      if (!already) await users.setActive(user.id, active);
      return { result: { id: user.id, userName: user.userName ?? null, wasActive: user.active ?? null }, already };
    },
    verify: (call, { result }) =>
      settle(call, call.config.settle, async () => {
        const user = await new ScimUsers(call.config, call.http).get(result.id);
        const said = `read back: active is ${String(user.active ?? 'not stated')}`;
        return user.active === active ? verified(active ? said : `${said}; sessions that are open already are not ended by it`) : notVerified(said);
      }),
    undo: { action: takenBackBy, input: ({ user }, { result }) => ({ user, id: result.id }) },
  });
}

export const deactivateUser = setActive({ id: 'scim.deactivate-user', title: 'Deactivate a user', active: false, takenBackBy: 'scim.reactivate-user' });
export const reactivateUser = setActive({ id: 'scim.reactivate-user', title: 'Reactivate a user', active: true, takenBackBy: 'scim.deactivate-user' });
