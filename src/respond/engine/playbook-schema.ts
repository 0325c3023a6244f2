import { z } from 'zod';
import { ACTION_ERROR_CODES, type JsonObject, type JsonValue } from '../../kernel/index.js';
import {
  GOVERNOR_MODES, OUTCOMES,
  type ActionSource, type InvokeSource, type PlaybookSource, type PolicySource, type RetrySource, type StateSource, type TransitionSource, type Transitions, type TriggerSource,
} from './playbook-source.js';

const json: z.ZodType<JsonValue> = z.json();
const jsonObject = z.record(z.string(), json) as z.ZodType<JsonObject>;
const templates = z.record(z.string(), json.describe('JSON in whose strings "${ … }" may stand'));
const duration = z.string().min(1).describe('ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT30M').meta({ examples: ['PT30M', 'P7D'] });
const condition = z.string().min(1).describe('CEL expression that gives true or false, as "${ … }"');

/** Dots separate names in targets, so no name holds one. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const name = z.string().max(100).regex(NAME, 'a name of letters, digits, _ and -, that begins with a letter');
const target = z.string().min(1).describe("'name' of a sibling, '.name' of a child, 'name.inner' of a state inside, '#name' from the root");

const action: z.ZodType<ActionSource> = z.union([
  z.strictObject({ assign: templates }),
  z.strictObject({ type: z.string().min(1).describe('id of an action that only tells someone'), params: templates.optional() }),
]);

const transitionKeys = {
  target: target.optional(),
  guard: condition.optional(),
  assign: templates.describe('path of the context → value; all read the context as it was').optional(),
  actions: z.array(action).optional(),
};
const transitionsOf = (one: z.ZodType<TransitionSource>): z.ZodType<Transitions> => z.union([target, one, z.array(z.union([target, one])).min(1)]);
const transitions = transitionsOf(z.strictObject(transitionKeys));
const delayed = transitionsOf(z.strictObject({ ...transitionKeys, clock: z.enum(['wall', 'business', 'frozen']).describe('which time passes; default wall').optional() }));

const retry: z.ZodType<RetrySource> = z.strictObject({
  max: z.int().min(0).max(100).describe('most attempts after the first').optional(),
  backoff: duration.optional(),
  factor: z.number().min(1).max(100).optional(),
  cap: duration.optional(),
  on: z.array(z.enum(ACTION_ERROR_CODES)).min(1).optional(),
});

const invoke: z.ZodType<InvokeSource> = z.strictObject({
  id: name.describe('unique in the playbook'),
  src: z.string().min(1).describe('id of an action, or core.approval, core.undo'),
  input: templates.optional(),
  timeout: duration.describe('for all attempts together').optional(),
  retry: retry.optional(),
  onDone: transitions,
  onError: transitions.optional(),
});

const state: z.ZodType<StateSource> = z.lazy(() =>
  z.strictObject({
    type: z.enum(['atomic', 'compound', 'parallel', 'final', 'history']).optional(),
    description: z.string().optional(),
    initial: name.optional(),
    states: z.record(name, state).optional(),
    history: z.enum(['shallow', 'deep']).optional(),
    target: target.optional(),
    on: z.record(z.string().min(1), transitions).optional(),
    always: transitions.optional(),
    after: z.record(z.string().min(1).describe('ISO 8601 duration, or "${ … }" that gives a duration or a timestamp'), delayed).optional(),
    entry: z.array(action).optional(),
    exit: z.array(action).optional(),
    invoke: invoke.optional(),
    onDone: transitions.optional(),
    outcome: z.enum(OUTCOMES).describe('of a final state of the root').optional(),
  }),
).meta({ id: 'State' });

const trigger: z.ZodType<TriggerSource> = z.strictObject({
  on: z.enum(['incident.opened', 'incident.updated', 'manual']),
  when: condition.optional(),
  priority: z.int().min(-1000).max(1000).describe('higher goes first; default 0').optional(),
});

const policy: z.ZodType<PolicySource> = z.strictObject({
  mode: z.enum(GOVERNOR_MODES).optional(),
  expires: duration.describe('after which the containment is to be reviewed').optional(),
  undo: z.enum(['auto', 'ask', 'none']).optional(),
});

/** The shape of a playbook: what can be said without knowing actions, events or types. docs/playbook.schema.json is made from it. */
export const playbookSchema: z.ZodType<PlaybookSource> = z.strictObject({
  format: z.literal('cordon.playbook/1'),
  id: z.string().max(100).regex(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/, 'lower-case words joined by -'),
  version: z.string().max(100).regex(/^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/, 'a semantic version such as 1.0.0'),
  title: z.string().min(1).max(200),
  trigger,
  params: jsonObject.describe('JSON Schema of what a deployment may set').optional(),
  context: z.strictObject({ schema: jsonObject.describe('closed JSON Schema of the context'), initial: templates }),
  policy: z.record(z.string().min(1), policy).optional(),
  machine: state,
});
