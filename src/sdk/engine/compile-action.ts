import { z } from 'zod';
import {
  ActionFailure, EFFECT_CLASSES, isJsonObject, parseDuration,
  type ActionCall, type ActionDescription, type ActionOutcome, type Declined, type ExternalAction, type JsonObject, type Resolved, type Verification,
} from '../../kernel/index.js';
import type { ActionContext, ActionDefinition, ActionParts, ConnectorAction, Done } from '../action.js';
import { closedJsonSchema } from './closed-schema.js';
import { Mask } from './mask.js';

const ACTION_ID = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

/** The work of `defineAction`: everything that can be wrong in a definition is found here. */
export function compileAction<Config extends z.ZodType, Input extends z.ZodType, Result extends z.ZodType, Memo>(
  definition: ActionDefinition<Config, Input, Result, Memo>,
): ConnectorAction {
  const description = describe(definition);
  return { description, config: definition.config, bind: (parts) => bind(definition, description, parts) };
}

function describe<Config extends z.ZodType, Input extends z.ZodType, Result extends z.ZodType, Memo>(definition: ActionDefinition<Config, Input, Result, Memo>): ActionDescription {
  const { id, title, effectClass, destructive, notify = false, undo } = definition;
  if (!ACTION_ID.test(id)) throw new TypeError(`action id '${id}' is not <connector>.<verb-object> in lower case`);
  const wrong = (what: string) => new TypeError(`${id}: ${what}`);
  if (typeof title !== 'string' || title === '') throw wrong('it has no title');
  if (!EFFECT_CLASSES.includes(effectClass) || (effectClass as string) === 'in-database') throw wrong(`'${effectClass}' is no effect class of a connector`);
  if (typeof destructive !== 'boolean') throw wrong('state whether it is destructive');
  if (destructive && notify) throw wrong('what takes something away is no notice');
  if (typeof definition.entities !== 'function' || typeof definition.do !== 'function') throw wrong('do and entities have to be functions');
  if ((effectClass === 'probe') !== (typeof definition.probe === 'function')) throw wrong('class probe, and no other, has a function probe');
  const timeoutMs = parseDuration(definition.timeout);
  if (!timeoutMs) throw wrong(`'${String(definition.timeout)}' is no time-out; write 30s or PT30S`);
  return {
    id, title, effectClass, destructive, notify, timeoutMs,
    input: closedJsonSchema(definition.input, `${id}: input`, 'input'),
    result: closedJsonSchema(definition.result, `${id}: result`, 'output'),
    verification: typeof definition.verify === 'function' ? 'read-back' : requireReason(definition.verify, () => wrong('verify is neither a function nor { none: reason }')),
    undo: describeUndo(undo, wrong),
  };
}

function describeUndo(undo: unknown, wrong: (what: string) => TypeError): ActionDescription['undo'] {
  if (!isJsonObject(undo) || !('action' in undo)) return requireReason(undo, () => wrong('undo is neither { action, input } nor { none: reason }'));
  const { action, input } = undo as { action: unknown; input: unknown };
  if (typeof action !== 'string' || !ACTION_ID.test(action)) throw wrong(`undo names no action: '${String(action)}'`);
  if (typeof input !== 'function') throw wrong(`undo names ${action} but not how its input is made`);
  return { action };
}

function requireReason(declined: unknown, error: () => TypeError): Declined {
  const none = isJsonObject(declined) ? declined['none'] : undefined;
  if (typeof none !== 'string' || none.trim() === '') throw error();
  return { none };
}

function bind<Config extends z.ZodType, Input extends z.ZodType, Result extends z.ZodType, Memo>(
  definition: ActionDefinition<Config, Input, Result, Memo>,
  description: ActionDescription,
  parts: ActionParts,
): ExternalAction {
  type Context = ActionContext<z.output<Input>, Resolved<z.output<Config>>>;
  const { verify, undo } = definition;
  const secrets = Mask.of(parts.config);
  const memos = new WeakMap<ActionOutcome, Memo>();

  const parseInput = (input: JsonObject): z.output<Input> => {
    const parsed = definition.input.safeParse(input);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new ActionFailure(secrets.text(`the input of ${description.id} cannot be used: ${[...(issue?.path ?? [])].map(String).join('.') || 'input'}: ${issue?.message}`), {
      code: 'INPUT_INVALID', retryable: false, notSent: true,
    });
  };
  const parseResult = (result: unknown): z.output<Result> => definition.result.parse(result);

  /** Runs one part of the action; whatever it says or throws is masked. */
  const run = async <T>(call: ActionCall, work: (context: Context, mask: Mask) => Promise<T>): Promise<T> => {
    const mask = new Mask(secrets);
    const input = parseInput(call.input);
    try {
      return await work(contextOf(call, input, parts, mask), mask);
    } catch (error) {
      throw toFailure(error, { mask, aborted: call.signal.aborted, id: description.id, repeatable: description.effectClass !== 'unsafe' });
    }
  };
  const finish = ({ result, already = false, memo }: Done<z.output<Result>, Memo>, mask: Mask): ActionOutcome => {
    const outcome: ActionOutcome = { result: mask.json(parseResult(result) as JsonObject), already };
    if (memo !== undefined) memos.set(outcome, memo);
    return outcome;
  };
  const restore = (outcome: ActionOutcome): Done<z.output<Result>, Memo> => {
    const memo = memos.get(outcome);
    return { result: parseResult(outcome.result), already: outcome.already, ...(memo === undefined ? {} : { memo }) };
  };

  return {
    ...description,
    effectClass: definition.effectClass,
    entities: (input) => definition.entities(parseInput(input)),
    do: (call) => run(call, async (context, mask) => finish(await definition.do(context), mask)),
    ...(definition.probe ? { probe: (call: ActionCall) => run(call, async (context, mask) => {
      const done = await definition.probe?.(context);
      return done && finish(done, mask);
    }) } : {}),
    ...(typeof verify === 'function' ? { verify: (call: ActionCall, outcome: ActionOutcome) => run(call, async (context, mask): Promise<Verification> => {
      const { state, why, residual_access_until } = await verify(context, restore(outcome));
      return { state, why: mask.text(why), residual_access_until };
    }) } : {}),
    ...('input' in undo ? { undoInput: (input: JsonObject, outcome: ActionOutcome) => undo.input(parseInput(input), restore(outcome)) } : {}),
  };
}

function contextOf<Input, Config>(call: ActionCall, input: Input, { config, http, dialer }: ActionParts, mask: Mask): ActionContext<Input, Config> {
  const { key, attempt, now, signal } = call;
  const until = (other: AbortSignal | undefined) => (other ? AbortSignal.any([signal, other]) : signal);
  return {
    input,
    config: config as Config,
    key, attempt, now, signal,
    conceal: (text) => mask.add(text),
    http: {
      request: (request) => {
        for (const [name, value] of Object.entries(request.headers ?? {})) {
          if (/^(?:proxy-)?authorization$/i.test(name)) [value, value.replace(/^\S+\s+/, '')].forEach((text) => mask.add(text));
        }
        return http.request({ ...request, signal: until(request.signal) });
      },
    },
    dialer: { connect: (target) => dialer.connect({ ...target, signal: until(target.signal) }), ...(dialer.ca ? { ca: dialer.ca } : {}) },
  };
}

interface FailureContext {
  readonly mask: Mask;
  readonly aborted: boolean;
  readonly id: string;
  readonly repeatable: boolean;
}

function toFailure(error: unknown, { mask, aborted, id, repeatable }: FailureContext): ActionFailure {
  const cause = mask.cause(error instanceof ActionFailure ? error.cause : error);
  if (error instanceof ActionFailure) {
    const { code, retryable, notSent, retryAfterMs } = error;
    return new ActionFailure(mask.text(error.message), { code, retryable, notSent, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), cause });
  }
  if (aborted) return new ActionFailure(`${id} was given up before it ended`, { code: 'TIMEOUT', retryable: repeatable, cause });
  const what = error instanceof z.ZodError ? 'gave a result that its schema does not allow' : 'failed in a way that it does not know';
  return new ActionFailure(`${id} ${what}`, { code: 'UNKNOWN_OUTCOME', retryable: repeatable, cause });
}
