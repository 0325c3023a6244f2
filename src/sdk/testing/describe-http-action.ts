import { tmpdir } from 'node:os';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/index.js';
import { ActionFailure, isCordonError, type ActionCall, type ExternalAction, type JsonObject } from '../../kernel/index.js';
import { Outbound, silentTelemetry } from '../../platform/index.js';
import type { Connector } from '../connector.js';
import { FaultyServer, type Answer, type SeenRequest } from './faulty-server.js';

export interface HttpActionContract {
  readonly connector: Connector;
  readonly action: string;
  /** The connector's section as an operator writes it, on a target at `url`. Every secret in it is `env:SECRET`. */
  readonly config: (url: string) => JsonObject;
  readonly input: JsonObject;
  /** What an honest target answers; it starts anew with each test. */
  readonly target: () => (request: SeenRequest) => Answer;
  /** A value of SECRET, where the form of the default one does not do. */
  readonly secret?: string;
}

const PLANTED = Buffer.from('planted secret of a connector').toString('base64');
const KEY = '0190a000-0000-7000-8000-00000000000a';
const WAIT_MS = 300;

/**
 * The contract that every action over HTTP keeps, on the product's own client and a target that fails in every way there is:
 * repeating it is harmless, a failure says truly whether it may be tried again, nothing leaves for a wrong input, and no secret
 * comes back.
 */
export function describeHttpAction({ connector, action: id, config: section, input, target, secret = PLANTED }: HttpActionContract): void {
  describe(`${id} keeps the contract of actions`, () => {
    let server: FaultyServer;
    let outbound: Outbound;
    let action: ExternalAction;

    beforeAll(async () => {
      server = await FaultyServer.start();
      action = bind(server.url);
    });
    beforeEach(() => {
      server.seen.length = 0;
    });
    afterAll(async () => {
      outbound.close();
      await server.close();
    });

    function bind(url: string): ExternalAction {
      const config = loadConfig({
        root: tmpdir(),
        connectors: [connector],
        environment: { SECRET: secret },
        overrides: { 'outbound.allow': ['127.0.0.1'], 'outbound.breaker.failures': 1000, [`connectors.${connector.id}`]: section(url) },
      });
      outbound = new Outbound({ config, telemetry: silentTelemetry() });
      const definition = connector.actions.find(({ description }) => description.id === id);
      if (!definition) throw new Error(`connector ${connector.id} has no action ${id}`);
      return definition.bind({ config: config.connectors[connector.id], http: outbound.http, dialer: outbound });
    }
    const call = (given: JsonObject = input, signal = new AbortController().signal): ActionCall => ({ input: given, key: KEY, attempt: 1, now: new Date(), signal });
    const answering = (answer: Answer | ((request: SeenRequest) => Answer)) => {
      server.behaviour = typeof answer === 'function' ? answer : () => answer;
    };

    async function failure(work: Promise<unknown>): Promise<ActionFailure> {
      const error = await work.then(() => undefined, (thrown: unknown) => thrown);
      if (!(error instanceof ActionFailure)) throw new Error(`expected an ActionFailure, got ${inspect(error)}`);
      const said = inspect(error, { depth: 10 });
      for (const form of [secret, encodeURIComponent(secret)]) expect(said).not.toContain(form);
      return error;
    }

    test('does it, reads it back, and gives data alone', async () => {
      answering(target());
      const outcome = await action.do(call());
      expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      if (action.verify) expect((await action.verify(call(), outcome)).state).not.toBe('not');
      const undo = action.undoInput?.(input, outcome);
      if (undo) expect(JSON.parse(JSON.stringify(undo))).toEqual(undo);
    });

    test('can be repeated', async () => {
      answering(target());
      await action.do(call());
      const first = server.seen.splice(0);
      await action.do({ ...call(), attempt: 2 });
      if (action.effectClass === 'keyed') expect([first, server.seen].map((requests) => requests.every((request) => JSON.stringify(request).includes(KEY)))).toEqual([true, true]);
    });

    test('reads back after a restart, from what was kept', async () => {
      answering(target());
      const kept = JSON.parse(JSON.stringify(await action.do(call()))) as Awaited<ReturnType<ExternalAction['do']>>;
      if (action.verify) expect((await action.verify(call(), kept)).state).not.toBe('not');
    });

    test('429 was not carried out and says when to come again', async () => {
      answering({ status: 429, headers: { 'retry-after': '7' } });
      expect(await failure(action.do(call()))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: true, notSent: true, retryAfterMs: 7000 });
    });

    test('500 leaves open what happened', async () => {
      answering({ status: 500 });
      expect(await failure(action.do(call()))).toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: true, notSent: false });
    });

    test('403 is a refusal that a repetition does not change', async () => {
      answering({ status: 403 });
      expect(await failure(action.do(call()))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false });
    });

    test('a redirect is not followed', async () => {
      answering(({ path }) => (path === '/elsewhere' ? { status: 200 } : { status: 302, headers: { location: '/elsewhere' } }));
      expect(await failure(action.do(call()))).toMatchObject({ code: 'REFUSED_BY_TARGET', retryable: false });
      expect(server.seen.map(({ path }) => path)).not.toContain('/elsewhere');
    });

    test('an answer of another kind is a failure, never a success', async () => {
      if (action.verify === undefined) return;
      for (const body of ['<html>logged out</html>', '[]', '{}', 'null']) {
        answering({ status: 200, body });
        const outcome = await action.do(call()).catch((error: unknown) => error);
        const seen = outcome instanceof ActionFailure ? 'failed' : (await action.verify(call(), outcome as never).catch(() => ({ state: 'failed' }))).state;
        expect({ body, verified: seen === 'verified' }).toEqual({ body, verified: false });
      }
    });

    test('a target that never answers is given up in time', async () => {
      server.behaviour = 'silent';
      expect(await failure(action.do(call(input, AbortSignal.timeout(WAIT_MS))))).toMatchObject({ code: 'TIMEOUT', notSent: false });
    });

    test('a connection that is cut after the request leaves open what happened', async () => {
      server.behaviour = 'cut';
      expect(await failure(action.do(call()))).toMatchObject({ code: 'UNKNOWN_OUTCOME', retryable: true, notSent: false });
    });

    test('a target that is down was not reached', async () => {
      const gone = await FaultyServer.start();
      const { url } = gone;
      await gone.close();
      const former = outbound;
      const error = await failure(bind(url).do(call()));
      outbound.close();
      outbound = former;
      expect(error).toMatchObject({ retryable: true, notSent: true });
      expect(isCordonError(error.cause, 'outbound.not_reachable')).toBe(true);
    });

    test('no secret comes back, even if the target repeats what it was sent', async () => {
      answering((request) => ({ status: 400, body: JSON.stringify({ error: 'invalid', error_description: Object.values(request.headers).join(' '), detail: request.body }) }));
      const { message } = await failure(action.do(call()));
      for (const { headers } of server.seen) {
        const credential = headers['authorization']?.replace(/^\S+ /, '');
        if (credential) expect(message).not.toContain(credential);
      }
    });

    test('an unknown key is refused before anything is sent', async () => {
      answering(target());
      expect(await failure(action.do(call({ ...input, notAKey: true })))).toMatchObject({ code: 'INPUT_INVALID', retryable: false, notSent: true });
      expect(server.seen).toEqual([]);
    });
  });
}
