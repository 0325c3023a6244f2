import { describe, expect, jest, test } from '@jest/globals';
import { ActionFailure, type Action, type ActionCall, type ExternalAction, type Verification } from '../../kernel/index.js';
import { givenUp, settlementOf, type AttemptResult, type Retry } from './attempt.js';
import { callAction } from './call-action.js';
import type { Effect } from './effect.js';
import { planUndo } from './undo-plan.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const read = (state: Verification['state']): Verification => ({ state, residual_access_until: null, why: state });
const effectOf = (more: Partial<Effect> = {}): Effect => ({
  id: 'e1', runId: 'r1', seq: 1, index: 0, kind: 'invoke', invokeId: 'off', action: 'door.lock', input: {}, effectClass: 'convergent', destructive: true, entityKeys: [], priority: 0, mode: null,
  status: 'leased', detached: false, attempts: 1, failures: 0, timeoutMs: 30_000, retry: null, nextAt: NOW, deadline: new Date(NOW.getTime() + 30_000), leaseOwner: null, leaseUntil: null, fence: 1,
  verdict: null, approved: null, output: null, error: null, undoInput: null, undoes: null, plan: null, undoneAt: null, createdAt: NOW, settledAt: null, ...more,
});
const called = (already: boolean, state: Verification['state'], undo: string | null): AttemptResult => ({
  kind: 'called', outcome: { result: {}, already }, verification: read(state), undoInput: undo === null ? null : { door: undo },
});
const failed = (code: 'TIMEOUT' | 'REFUSED_BY_TARGET', more: object = {}): AttemptResult => ({ kind: 'failed', code, message: code, retryable: false, notSent: false, ...more });
const retryOf = (effect: Effect, result: AttemptResult, touched = false): Retry => {
  const settled = settlementOf(effect, result, NOW, touched);
  if (settled.status !== 'retry') throw new Error(`expected a retry, got ${settled.status}`);
  return settled;
};

describe('what an attempt comes to', () => {
  test('a target that was as wanted before counts as that only while no attempt may have reached it', () => {
    expect(settlementOf(effectOf(), called(true, 'verified', null), NOW, false)).toMatchObject({ status: 'done', output: { already: true } });
    expect(settlementOf(effectOf({ attempts: 2 }), called(true, 'verified', 'front'), NOW, true)).toMatchObject({ status: 'done', output: { already: false, unsure: true }, undoInput: { door: 'front' } });
  });

  test('the input of the undo is that of the call that changed something, over all later ones', () => {
    const first = retryOf(effectOf(), called(false, 'not', 'front'));
    expect(first).toMatchObject({ touched: true, output: { already: false }, undoInput: { door: 'front' } });
    const again = effectOf({ attempts: 2, failures: 1, output: first.output, undoInput: first.undoInput });
    const done = settlementOf(again, called(true, 'verified', 'elsewhere'), NOW, true);
    expect(done).toMatchObject({ status: 'done', output: { already: false }, undoInput: { door: 'front' } });
    expect(done).not.toMatchObject({ output: { unsure: true } });
    expect(settlementOf(again, failed('REFUSED_BY_TARGET'), NOW, true)).toMatchObject({ status: 'failed', output: { already: false }, undoInput: { door: 'front' }, happened: true });
  });

  test('an attempt that was not sent, or found everything as wanted, touched nothing', () => {
    expect(retryOf(effectOf(), failed('REFUSED_BY_TARGET', { retryable: true, notSent: true })).touched).toBe(false);
    expect(retryOf(effectOf(), called(true, 'not', null)).touched).toBe(false);
    expect(retryOf(effectOf(), failed('TIMEOUT', { retryable: true })).touched).toBe(true);
    expect(retryOf(effectOf(), { kind: 'put-off', message: 'no answer' })).toMatchObject({ touched: false, counts: false });
  });

  test('what may have happened ends as unknown, whatever the last attempt says', () => {
    expect(settlementOf(effectOf(), failed('TIMEOUT'), NOW, false)).toMatchObject({ status: 'unknown', error: { code: 'TIMEOUT' }, happened: true });
    expect(settlementOf(effectOf({ attempts: 2 }), failed('REFUSED_BY_TARGET'), NOW, true)).toMatchObject({ status: 'unknown', error: { code: 'REFUSED_BY_TARGET' }, happened: true });
    expect(settlementOf(effectOf(), failed('REFUSED_BY_TARGET'), NOW, false)).toMatchObject({ status: 'failed', happened: false });
  });

  test('given up before its next attempt it is unknown, known to have happened, or not begun', () => {
    const doubt = retryOf(effectOf(), failed('TIMEOUT', { retryable: true }));
    expect(givenUp(effectOf(), doubt, false)).toMatchObject({ status: 'unknown', error: { code: 'CANCELLED' }, happened: true });
    const through = retryOf(effectOf(), called(false, 'not', 'front'));
    expect(givenUp(effectOf(), through, false)).toMatchObject({ status: 'failed', output: { already: false }, undoInput: { door: 'front' }, happened: true });
    const refused = retryOf(effectOf(), failed('REFUSED_BY_TARGET', { retryable: true, notSent: true }));
    expect(givenUp(effectOf(), refused, false)).toMatchObject({ status: 'failed', output: null, happened: false });
    expect(givenUp(effectOf(), refused, true)).toMatchObject({ status: 'unknown', happened: true });
  });

  test('an attempt lost with its process is made again with its whole time, though the old one is over', () => {
    const later = new Date(NOW.getTime() + 60_000);
    expect(settlementOf(effectOf(), { kind: 'lost' }, later, true)).toMatchObject({ status: 'retry', at: later, counts: false, touched: true, afresh: true });
    expect(settlementOf(effectOf({ effectClass: 'unsafe' }), { kind: 'lost' }, later, true)).toMatchObject({ status: 'unknown' });
    expect(settlementOf(effectOf({ attempts: 10 }), { kind: 'lost' }, later, true)).toMatchObject({ status: 'unknown' });
  });
});

describe('a plan of undo', () => {
  const action = { id: 'door.lock', destructive: true, undo: { action: 'door.open' } } as Action;
  const plan = (...effects: Partial<Effect>[]) =>
    planUndo({ kind: 'all' }, effects.map((effect, index) => effectOf({ id: `e${index}`, index, ...effect })), [], { find: () => action, list: () => [action] }, {});
  const output = { result: {}, verify: { ...read('verified') }, already: false, attempts: 1 };

  test('takes back what got through, also where the effect failed in the end, and leaves out what never began', () => {
    const { steps, skipped, doubtful } = plan({ status: 'done', output, undoInput: { door: 'a' } }, { status: 'failed', output, undoInput: { door: 'b' } }, { status: 'failed' }, { status: 'ready', output, undoInput: {} });
    expect(steps.map(({ input, unsure }) => [input, unsure])).toEqual([[{ door: 'b' }, false], [{ door: 'a' }, false]]);
    expect([skipped, doubtful]).toEqual([[], []]);
  });

  test('says of what it is not known to have happened that it is doubtful', () => {
    expect(plan({ status: 'unknown' })).toMatchObject({ steps: [], skipped: [{ effectId: 'e0' }], doubtful: [{ effectId: 'e0' }] });
  });

  test('marks a step whose target may have been so before', () => {
    expect(plan({ status: 'done', output: { ...output, unsure: true }, undoInput: {} }).steps).toMatchObject([{ unsure: true }]);
  });
});

describe('a call', () => {
  const actionOf = (more: Partial<ExternalAction>) =>
    ({ effectClass: 'convergent', verification: 'read-back', do: () => Promise.resolve({ result: {}, already: true }), undoInput: () => ({ door: 'front' }), ...more }) as unknown as ExternalAction;
  const callOf = (signal = new AbortController().signal): ActionCall => ({ input: {}, key: 'k', attempt: 2, now: NOW, signal });
  const make = (more: Partial<ExternalAction>, { touched = false, signal, why }: { touched?: boolean; signal?: AbortSignal; why?: 'timeout' | 'stop' } = {}) =>
    callAction(actionOf(more), callOf(signal), { broken: () => why, touched });

  test('keeps the input of the undo of what an earlier attempt may have done', async () => {
    const verify = () => Promise.resolve(read('verified'));
    expect(await make({ verify })).toMatchObject({ undoInput: null });
    expect(await make({ verify }, { touched: true })).toMatchObject({ undoInput: { door: 'front' } });
  });

  test('reads back again where that broke', async () => {
    const verify = jest.fn<() => Promise<Verification>>().mockRejectedValueOnce(new ActionFailure('busy', { code: 'TIMEOUT', retryable: true })).mockResolvedValue(read('verified'));
    expect(await make({ verify })).toMatchObject({ verification: { state: 'verified' } });
    expect(verify).toHaveBeenCalledTimes(2);
  });

  test('that could not be read back in its time is not verified', async () => {
    const ended = new AbortController();
    const verify = () => {
      ended.abort();
      return Promise.reject(new Error('cut'));
    };
    expect(await make({ verify }, { signal: ended.signal, why: 'timeout' })).toMatchObject({ kind: 'called', verification: { state: 'not', why: expect.stringContaining('cut') } });
    expect(await make({ verify }, { signal: ended.signal, why: 'stop' })).toEqual({ kind: 'lost' });
    expect(await make({ verify: () => Promise.reject(new ActionFailure('not yours', { code: 'REFUSED_BY_TARGET', retryable: false })) })).toMatchObject({ verification: { state: 'not' } });
  });
});
