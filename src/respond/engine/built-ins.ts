import type { ActionDescription, JsonObject } from '../../kernel/index.js';

const text = { type: 'string', minLength: 1 };
const closed = (properties: JsonObject, required: string[]): JsonObject => ({ type: 'object', properties, required, additionalProperties: false });

/** Rule 11 of the format: a person decides. */
const approval: ActionDescription = {
  id: 'core.approval',
  title: 'Ask people to decide',
  effectClass: 'in-database',
  destructive: false,
  notify: false,
  input: closed(
    {
      role: { ...text, description: 'Role of those who may decide.' },
      quorum: { type: 'integer', minimum: 1, default: 1, description: 'How many have to say yes.' },
      deadline: { ...text, description: 'ISO 8601 duration.' },
      onDeadline: { enum: ['refuse', 'approve', 'escalate'], default: 'refuse' },
      shows: { description: 'Further text or data for who decides.' },
      approves: { type: 'array', items: text, default: [], description: 'Ids of the invokes that are decided with it.' },
    },
    ['role', 'deadline'],
  ),
  result: closed({ decision: { enum: ['approved', 'refused', 'expired'] }, by: { type: 'array', items: text }, reason: { type: 'string' } }, ['decision', 'by', 'reason']),
  verification: { none: 'a decision is its own record' },
  undo: { none: 'a decision stays on record; what it let happen is undone by core.undo' },
  // Its deadline is the limit; this one is for a request without.
  timeoutMs: 7 * 86_400_000,
};

/** Rule 12 of the format: takes back what this run did, the last first. */
const undo: ActionDescription = {
  id: 'core.undo',
  title: 'Take back what this run did',
  effectClass: 'in-database',
  destructive: false,
  notify: false,
  input: closed({ scope: { anyOf: [{ type: 'string', pattern: '^(?:all|since:.+)$' }, { type: 'array', items: text, minItems: 1 }], description: '`all`, `since:<state>` or ids of invokes.' } }, ['scope']),
  result: closed(
    {
      undone: {
        type: 'array',
        items: closed({ invoke: text, action: text, outcome: { enum: ['undone', 'nothing_to_undo', 'declined', 'failed'] }, why: { type: 'string' } }, ['invoke', 'action', 'outcome', 'why']),
      },
    },
    ['undone'],
  ),
  verification: { none: 'each action that takes something back reads back by itself' },
  undo: { none: 'what was taken back is done again by a new run' },
  timeoutMs: 3_600_000,
};

/** Steps of a playbook that the runtime carries out itself. */
export const BUILT_INS: readonly ActionDescription[] = [approval, undo];
