import { describe, expect, jest, test } from '@jest/globals';
import { z } from 'zod';
import { ActionFailure, Secret, type ActionCall, type HttpClient, type HttpRequest, type JsonObject } from '../kernel/index.js';
import { defineAction, notVerified, verified, type ActionDefinition, type ConnectorAction } from './action.js';
import { expectStatus } from './answer.js';
import { defineConnector } from './connector.js';
import { secret } from './index.js';

const config = z.strictObject({ token: secret() });
const input = z.strictObject({ door: z.string().min(1), hard: z.boolean().default(false) });
const result = z.strictObject({ locked: z.boolean() });
type Definition = ActionDefinition<typeof config, typeof input, typeof result, string>;

const definition: Definition = {
  id: 'acme.lock-door',
  title: 'Lock a door',
  effectClass: 'convergent',
  destructive: true,
  config,
  input,
  result,
  timeout: '30s',
  entities: ({ door }) => [{ type: 'host', value: door }],
  do: async () => ({ result: { locked: true }, memo: 'remembered' }),
  verify: async (_, { memo }) => (memo === 'remembered' ? verified('it is locked') : notVerified('nobody remembers')),
  undo: { action: 'acme.open-door', input: (from, { already }) => ({ door: from.door, already: already ?? false }) },
};

const PASSWORD = 'planted-secret';
const noDialer = { connect: () => Promise.reject(new Error('no network')) };
const bind = (change: Partial<Definition>, request: HttpClient['request'] = () => Promise.reject(new Error('no network'))) =>
  defineAction({ ...definition, ...change }).bind({ config: { token: new Secret(PASSWORD) }, http: { request }, dialer: noDialer });
const call = (given: JsonObject = { door: 'front' }, signal = new AbortController().signal): ActionCall => ({ input: given, key: 'k1', attempt: 1, now: new Date(0), signal });
const failureOf = async (promise: Promise<unknown>): Promise<ActionFailure> => {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ActionFailure)) throw new Error(`expected an ActionFailure, got ${String(error)}`);
  return error;
};

describe('defineAction', () => {
  test.each<[string, object, RegExp]>([
    ['an id without connector', { id: 'lock' }, /not <connector>/],
    ['no title', { title: '' }, /no title/],
    ['an effect class that is ours alone', { effectClass: 'in-database' }, /no effect class/],
    ['no word on destruction', { destructive: undefined }, /destructive/],
    ['a destructive notice', { notify: true }, /no notice/],
    ['class probe without probe', { effectClass: 'probe' }, /probe/],
    ['probe without class probe', { probe: async () => undefined }, /probe/],
    ['no time-out', { timeout: 'soon' }, /no time-out/],
    ['no undo', { undo: undefined }, /undo is neither/],
    ['an undo without its input', { undo: { action: 'acme.open-door' } }, /not how its input is made/],
    ['an undo that names nothing', { undo: { action: '', input: () => ({}) } }, /names no action/],
    ['an undo declined without a reason', { undo: { none: ' ' } }, /undo is neither/],
    ['no verify', { verify: undefined }, /verify is neither/],
    ['a verify declined without a reason', { verify: { none: '' } }, /verify is neither/],
    ['an open input', { input: z.object({ door: z.string() }) }, /input takes unknown keys/],
    ['an input that is open further down', { input: z.strictObject({ at: z.strictObject({ place: z.looseObject({ a: z.string() }) }) }) }, /input\.at\.place takes unknown keys/],
    ['an input that is no object', { input: z.string() }, /not an object/],
    ['an input that JSON cannot hold', { input: z.strictObject({ at: z.date() }) }, /JSON Schema cannot say/],
  ])('refuses %s', (_, change, message) => {
    expect(() => defineAction({ ...definition, ...change })).toThrow(expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(message) }));
  });

  test('describes itself with closed schemas', () => {
    expect(defineAction(definition).description).toEqual({
      id: 'acme.lock-door', title: 'Lock a door', effectClass: 'convergent', destructive: true, notify: false, timeoutMs: 30_000,
      input: { type: 'object', properties: { door: { type: 'string', minLength: 1 }, hard: { type: 'boolean', default: false } }, required: ['door'], additionalProperties: false },
      result: { type: 'object', properties: { locked: { type: 'boolean' } }, required: ['locked'], additionalProperties: false },
      verification: 'read-back',
      undo: { action: 'acme.open-door' },
    });
  });

  test('says in the input schema what nobody may be shown', () => {
    const { description } = defineAction({ ...definition, input: z.strictObject({ door: z.string(), hard: z.boolean(), code: z.string().meta({ writeOnly: true }) }) } as unknown as Definition);
    expect(description.input).toMatchObject({ properties: { code: { writeOnly: true } } });
  });
});

describe('a bound action', () => {
  test('parses its input, reads back with what it remembers, and gives the input of its undo', async () => {
    const act = jest.fn(definition.do);
    const action = bind({ do: act });
    const outcome = await action.do(call());
    expect(act.mock.calls[0]?.[0]).toMatchObject({ input: { door: 'front', hard: false }, key: 'k1', attempt: 1 });
    expect(outcome).toEqual({ result: { locked: true }, already: false });
    expect((await action.verify?.(call(), outcome))?.state).toBe('verified');
    expect((await action.verify?.(call(), JSON.parse(JSON.stringify(outcome))))?.state).toBe('not');
    expect(action.undoInput?.({ door: 'front' }, outcome)).toEqual({ door: 'front', already: false });
    expect(action.entities({ door: 'front' })).toEqual([{ type: 'host', value: 'front' }]);
  });

  test('refuses an unknown key before anything is sent', async () => {
    const act = jest.fn(definition.do);
    const failure = await failureOf(bind({ do: act }).do(call({ door: 'front', dor: 'back' })));
    expect([failure.code, failure.retryable, failure.notSent, act.mock.calls.length]).toEqual(['INPUT_INVALID', false, true, 0]);
    expect(failure.message).toContain('dor');
  });

  test('masks secrets of the configuration, of the request and of the call in whatever leaves it', async () => {
    const echo = (request: HttpRequest) => Promise.reject(new ActionFailure(`${PASSWORD} ${request.headers?.authorization} t+ken/9`, { code: 'REFUSED_BY_TARGET', retryable: false, cause: new Error(PASSWORD) }));
    const failure = await failureOf(
      bind({ do: (context) => {
        context.conceal('t+ken/9');
        return context.http.request({ method: 'GET', url: 'http://door.example', headers: { authorization: 'Basic bG9jazpwbGFudA==' } }) as never;
      } }, echo).do(call()),
    );
    expect(failure.message).toBe('[secret] [secret] [secret]');
    expect((failure.cause as Error).message).toBe('[secret]');
    const said = await bind({ verify: async () => verified(`so says ${encodeURIComponent(PASSWORD)}`) }).verify?.(call(), { result: { locked: true }, already: false });
    expect(said?.why).toBe('so says [secret]');
  });

  test('turns what it does not know into an unknown outcome, which an unsafe action does not repeat', async () => {
    const act = () => Promise.reject(new RangeError(`boom ${PASSWORD}`));
    const failure = await failureOf(bind({ do: act }).do(call()));
    expect([failure.code, failure.retryable, failure.notSent]).toEqual(['UNKNOWN_OUTCOME', true, false]);
    expect(`${failure.message} ${(failure.cause as Error).stack}`).not.toContain(PASSWORD);
    expect((await failureOf(bind({ do: act, effectClass: 'unsafe' }).do(call()))).retryable).toBe(false);
    const wrongResult = await failureOf(bind({ do: (async () => ({ result: { locked: 'yes' } })) as never }).do(call()));
    expect([wrongResult.code, wrongResult.message]).toEqual(['UNKNOWN_OUTCOME', expect.stringContaining('schema does not allow')]);
  });

  test('hands the end of the call to every request', async () => {
    const ended = new AbortController();
    const seen: (AbortSignal | undefined)[] = [];
    const request = (given: HttpRequest) => {
      seen.push(given.signal);
      ended.abort();
      return Promise.reject(new Error('cut'));
    };
    const failure = await failureOf(bind({ do: (context) => context.http.request({ method: 'GET', url: 'http://door.example' }) as never }, request).do(call(undefined, ended.signal)));
    expect(seen[0]?.aborted).toBe(true);
    expect(failure.code).toBe('TIMEOUT');
  });
});

describe('expectStatus', () => {
  const answer = (status: number, more: object = {}) => ({ status, headers: {}, text: '', json: undefined, ...more });
  const fault = async (status: number, more: object = {}) => failureOf(Promise.resolve().then(() => expectStatus(answer(status, more), [200], 'lock')));

  test('gives a wanted answer and classes every other one', async () => {
    expect(expectStatus(answer(200), [200], 'lock').status).toBe(200);
    const classes = await Promise.all([[429, { retryAfterMs: 7 }], [503, { retryAfterMs: 7 }], [503, {}], [500, {}], [302, {}], [404, {}]].map(([status, more]) => fault(status as number, more as object)));
    expect(classes.map(({ code, retryable, notSent, retryAfterMs }) => [code, retryable, notSent, retryAfterMs])).toEqual([
      ['REFUSED_BY_TARGET', true, true, 7],
      ['REFUSED_BY_TARGET', true, true, 7],
      ['UNKNOWN_OUTCOME', true, false, undefined],
      ['UNKNOWN_OUTCOME', true, false, undefined],
      ['REFUSED_BY_TARGET', false, false, undefined],
      ['REFUSED_BY_TARGET', false, false, undefined],
    ]);
  });

  test('quotes the target, shortened and without control characters', async () => {
    const { message } = await fault(400, { json: { error: 'invalid_request', error_description: `a\r\nb${'x'.repeat(500)}`, token: 'planted' } });
    expect(message).toMatch(/^could not lock: the target answered 400 \(invalid_request: a bx+\)$/);
    expect(message.length).toBeLessThan(300);
  });
});

describe('defineConnector', () => {
  const action = defineAction(definition);
  const acme = { id: 'acme', title: 'Acme', evidence: 'D', config, actions: [action] } as const;

  test('takes actions of its own name and schema, once, with a configuration', () => {
    const unconfigured: ConnectorAction = { ...action, config: undefined };
    expect(defineConnector(acme).sources).toEqual([]);
    expect(() => defineConnector({ ...acme, id: 'other' })).toThrow(/not named other\./);
    expect(() => defineConnector({ ...acme, actions: [action, action] })).toThrow(/twice/);
    expect(() => defineConnector({ ...acme, config: z.strictObject({}) })).toThrow(/another configuration schema/);
    expect(() => defineConnector({ ...acme, config: undefined, actions: [unconfigured] })).toThrow(/no configuration/);
  });
});
