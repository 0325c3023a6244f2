import { z } from 'zod';
import { CRITICALITIES, duration } from '../kernel/index.js';
import { entityName } from './entity-name.js';

const mode = z.enum(['observe', 'suggest', 'ask', 'auto']);
const actionId = z.string().regex(/^[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$/, 'an action is named <connector>.<verb-object>, such as scim.deactivate-user');
const most = z.int().nonnegative().max(1_000_000);
const percent = z.number().min(0).max(100);
const entities = z.array(entityName).max(200).default([]);

const actionPolicy = z.strictObject({
  mode: mode.optional().describe('Most that this action may do by itself here: observe, suggest, ask or auto; in place of `respond.modes`. A playbook can only be stricter.'),
  irreversible: z.boolean().default(false).describe('Lets mode auto hold for this action although nothing takes it back.'),
});

/** Keys of `respond` that the governor reads; docs/how-to/how-safety-works.md tells how they work together. */
export const governorKeys = {
  modes: z
    .strictObject({
      destructive: mode.default('ask').describe('Most that an action may do by itself that takes access or service away.'),
      other: mode.default('auto').describe('Most that an action may do by itself that neither takes something away nor only tells.'),
      notify: mode.default('auto').describe('Most that an action may do by itself that only tells someone.'),
    })
    .prefault({})
    .describe('Modes by class of action.'),
  policy: z.record(actionId, actionPolicy).default({}).describe('What single actions may do here, by action id.'),
  caps: z
    .strictObject({
      perHour: most.default(20).describe('Destructive actions that go in any hour before a person is asked; what people approved counts too.'),
      reserve: percent.default(20).describe('Percent of each cap an hour that is kept for incidents of level critical.'),
      share: percent.default(1).describe('Percent of the known accounts that destructive actions may hit within `shareWindow` before a person is asked; at least one account unless 0.'),
      shareWindow: duration('24h').describe('Time over which `share` counts.'),
      actions: z.record(actionId, most).default({}).describe('Further caps an hour, by action id, of any class.'),
    })
    .prefault({})
    .describe('Caps on what goes without a person.'),
  cooldown: z
    .strictObject({
      period: duration('1h').describe('After a destructive action on someone, how long the same one on the same one asks a person; 0s is never.'),
      actions: z.record(actionId, duration('0s')).default({}).describe('Other times, by action id, for actions of any class.'),
    })
    .prefault({})
    .describe('Cool-down by action and entity.'),
  protected: z
    .strictObject({
      own: entities.describe('Accounts that Cordon itself works with, as type:value; safe from every destructive action.'),
      refuse: entities.describe('Who is safe from every destructive action, as type:value, such as account:root@example.com or ip:192.0.2.0/24.'),
      ask: entities.describe('Whom a destructive action hits only after a person said so, as type:value.'),
      breakGlass: z.enum(['refuse', 'ask']).default('refuse').describe('What happens to destructive actions on people and accounts that context states as break-glass.'),
      criticality: z.enum(CRITICALITIES).default('critical').describe('From this criticality on, as context states it, a person is asked before a destructive action.'),
    })
    .prefault({})
    .describe('Whom destructive actions do not hit without further ado.'),
  promotedRules: z.array(z.string().min(1)).default([]).describe('Ids of rules whose incidents may be answered automatically although a single source saw them.'),
};
