import { describe, expect, it, jest } from '@jest/globals';
import { SinkFailure, type Delivery, type Sink, type SinkDocument, type Tx } from '../kernel/index.js';
import { silentTelemetry, type DatabaseTx } from '../platform/index.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import type { Feed, FeedRow } from './feed.js';
import { ForwardHandler } from './forward.handler.js';
import { forwardMetrics } from './forward.metrics.js';

const ACCEPTED: Delivery = { status: 'accepted' };
const rows = (count: number): FeedRow[] => Array.from({ length: count }, (_, index) => ({ position: index + 1, document: { id: `d${index + 1}`, dataset: 'cordon.event', doc: { n: index + 1 } } }));

class ListFeed implements Feed {
  readonly reads = 'fact';
  constructor(private readonly rows: readonly FeedRow[]) {}
  read(cursor: number, limit: number) {
    const found = this.rows.filter(({ position }) => position > cursor).slice(0, limit);
    return Promise.resolve({ rows: found, cursor: found.at(-1)?.position ?? cursor });
  }
}

class TestSink implements Sink {
  readonly id = 'test';
  readonly maxBytes = 1_000_000;
  maxDocuments = 100;
  readonly sent: SinkDocument[][] = [];
  prepare = jest.fn(() => Promise.resolve());
  constructor(private readonly answer: (documents: readonly SinkDocument[]) => readonly Delivery[]) {}
  send(documents: readonly SinkDocument[]) {
    this.sent.push([...documents]);
    return Promise.resolve(this.answer(documents));
  }
  close = () => Promise.resolve();
}

function setUp(answer: (documents: readonly SinkDocument[]) => readonly Delivery[], feed: readonly FeedRow[] = rows(3)) {
  const sink = new TestSink(answer);
  const letters: DeadLetter[] = [];
  const log = jest.fn();
  const stop = new AbortController();
  const handler = new ForwardHandler({
    sink, feedName: 'facts', feed: new ListFeed(feed), log, signal: stop.signal,
    deadLetters: { add: (_tx: Tx, more: readonly DeadLetter[]) => Promise.resolve(void letters.push(...more)) } as unknown as DeadLetters,
    metrics: silentTelemetry().metrics(forwardMetrics), backOff: { firstMs: 0, longestMs: 0 },
  });
  const commit = async (cursor: number) => {
    const { rows: sent, cursor: to } = await handler.read(cursor, 100);
    if (to !== cursor && sent.length > 0) (await handler.handle({} as DatabaseTx, { rows: sent, from: cursor, to }))();
    return to;
  };
  return { sink, letters, log, stop, handler, commit };
}

describe('ForwardHandler', () => {
  it('moves its cursor over what the sink took or had', async () => {
    const { commit, letters, sink } = setUp((documents) => documents.map((_document, index) => (index === 1 ? { status: 'duplicate' } : ACCEPTED)));
    expect(await commit(0)).toBe(3);
    expect([letters, sink.sent.length]).toEqual([[], 1]);
  });

  it('keeps what the sink will never take as a dead letter, and goes on', async () => {
    const { commit, letters } = setUp((documents) => documents.map(({ id }) => (id === 'd2' ? { status: 'rejected', reason: 'bad mapping' } : ACCEPTED)));
    expect(await commit(0)).toBe(3);
    expect(letters).toEqual([{ sink: 'test', feed: 'facts', position: 2, document: expect.objectContaining({ id: 'd2' }), reason: 'bad mapping' }]);
  });

  it.each([
    ['is down', () => { throw new SinkFailure('unavailable', 'refused connection'); }],
    ['refuses all', () => { throw new SinkFailure('refused', '401'); }],
    ['fails in an unknown way', () => { throw new TypeError('what'); }],
    ['refuses an item for now', (documents: readonly SinkDocument[]) => documents.map((): Delivery => ({ status: 'retry', reason: '429' }))],
    ['answers for too few', () => [ACCEPTED]],
  ])('stays where it is while the sink %s, and loses nothing', async (_what, broken) => {
    let works = false;
    const { commit, log, sink, letters } = setUp((documents) => (works ? documents.map(() => ACCEPTED) : broken(documents)));
    expect([await commit(0), await commit(0)]).toEqual([0, 0]);
    works = true;
    expect(await commit(0)).toBe(3);
    expect(sink.sent.at(-1)?.map(({ id }) => id)).toEqual(['d1', 'd2', 'd3']);
    expect(letters).toEqual([]);
    // one line when it goes down and one when it is back, however often it was tried
    expect(log.mock.calls.map(([event]) => event)).toEqual(['forward.sink_down', 'forward.sink_up']);
  });

  it('prepares again after a failure, since the target may be a new one', async () => {
    let works = false;
    const { commit, sink } = setUp((documents) => {
      if (!works) throw new SinkFailure('unavailable', 'no');
      return documents.map(() => ACCEPTED);
    });
    await commit(0);
    works = true;
    await commit(0);
    expect(sink.prepare).toHaveBeenCalledTimes(2);
  });

  it('halves a request that is too large, and leaves out the one document that is', async () => {
    const { commit, letters, sink } = setUp((documents) => {
      if (documents.length > 1 || documents[0]?.id === 'd2') throw new SinkFailure('too_large', '413');
      return documents.map(() => ACCEPTED);
    });
    expect(await commit(0)).toBe(3);
    expect(letters.map(({ document }) => document.id)).toEqual(['d2']);
    expect(sink.sent.filter(({ length }) => length === 1).flat().map(({ id }) => id).sort()).toEqual(['d1', 'd2', 'd3']);
  });

  const refuses = () => new SinkFailure('refused', '403 by a firewall', { suspect: true });

  it('finds the document for which a request is refused as a whole, and leaves out that one', async () => {
    const { commit, letters } = setUp((documents) => {
      if (documents.some(({ id }) => id === 'd5')) throw refuses();
      return documents.map(() => ACCEPTED);
    }, rows(20));
    expect(await commit(0)).toBe(20);
    expect(letters.map(({ document, reason }) => [document.id, reason])).toEqual([['d5', '403 by a firewall']]);
  });

  it('gets through where half of all documents are refused', async () => {
    const { commit, letters, sink } = setUp((documents) => {
      if (documents.some(({ doc }) => Number(doc['n']) % 2 === 1)) throw refuses();
      return documents.map(() => ACCEPTED);
    }, rows(1_000));
    sink.maxDocuments = 1_000;
    let cursor = 0;
    for (let reads = 0; cursor < 1_000 && reads < 200; reads += 1) cursor = await commit(cursor);
    expect(cursor).toBe(1_000);
    expect(letters).toHaveLength(500);
  });

  it('takes no document for the cause while none passes, and does not flood the sink', async () => {
    const { commit, letters, sink } = setUp(() => { throw refuses(); }, rows(100));
    for (let read = 0; read < 10; read += 1) expect(await commit(0)).toBe(0);
    expect(letters).toEqual([]);
    expect(sink.sent.length).toBeLessThanOrEqual(10 * 64);
  });

  it('does not search where the refusal is about no document', async () => {
    const { commit, sink } = setUp(() => { throw new SinkFailure('refused', '401'); }, rows(100));
    await commit(0);
    expect(sink.sent).toHaveLength(1);
  });

  it('sends a document again before it leaves it out', async () => {
    let refused = 0;
    const { commit, letters } = setUp((documents) => {
      if (documents.some(({ id }) => id === 'd2') && (refused += 1) < 4) throw refuses();
      return documents.map(() => ACCEPTED);
    });
    expect(await commit(0)).toBe(3);
    expect([letters, refused]).toEqual([[], 4]);
  });

  it('leaves out a document that fails for itself time after time while the others pass', async () => {
    const { commit, letters } = setUp((documents) => documents.map(({ id }): Delivery => (id === 'd2' ? { status: 'retry', reason: '500', suspect: true } : ACCEPTED)));
    let reads = 0;
    for (let cursor = 0; cursor < 3 && reads < 100; reads += 1) cursor = await commit(0);
    expect([reads, letters.map(({ document }) => document.id)]).toEqual([20, ['d2']]);
  });

  it.each<[string, (document: SinkDocument) => Delivery]>([
    ['all of them fail', () => ({ status: 'retry', reason: '500', suspect: true })],
    ['the sink is busy', ({ id }) => (id === 'd2' ? { status: 'retry', reason: '429' } : ACCEPTED)],
  ])('leaves out none while %s', async (_what, answer) => {
    const { commit, letters } = setUp((documents) => documents.map(answer));
    for (let read = 0; read < 50; read += 1) expect(await commit(0)).toBe(0);
    expect(letters).toEqual([]);
  });

  it('waits no longer than some minutes, whatever the sink asks for, and not at all under a new lease', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    try {
      let works = false;
      const { commit, sink, handler } = setUp((documents) => {
        if (!works) throw new SinkFailure('unavailable', '503', { retryAfterMs: 999_999_999_000 });
        return documents.map(() => ACCEPTED);
      });
      await commit(0);
      now.mockReturnValue(60_000);
      expect([await commit(0), sink.sent.length]).toEqual([0, 1]);
      now.mockReturnValue(300_000);
      expect([await commit(0), sink.sent.length]).toEqual([0, 2]);
      works = true;
      await handler.reset();
      expect(await commit(0)).toBe(3);
    } finally {
      now.mockRestore();
    }
  });

  it('passes rows that have no document without a request', async () => {
    const { handler, sink } = setUp(() => [], [{ position: 7, document: undefined }]);
    expect(await handler.read(0, 10)).toEqual({ rows: [], cursor: 7 });
    expect(sink.sent).toEqual([]);
  });

  it('sends nothing once the product stops', async () => {
    const { commit, stop, sink } = setUp((documents) => documents.map(() => ACCEPTED));
    stop.abort();
    expect(await commit(0)).toBe(0);
    expect(sink.sent).toEqual([]);
  });
});
