import { createHmac, createSecretKey } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeEventLog } from '../../test/harness/fake-event-log.js';
import { source, TOKEN_KEY } from '../../test/harness/intake-server.js';
import type { FieldPolicyRule } from '../config/index.js';
import type { JsonValue, NewRecord } from '../kernel/index.js';
import { ByteBudget } from './byte-budget.js';
import { enter, FieldPolicy } from './field-policy.js';
import { GroupCommitter } from './group-committer.js';
import { inflate } from './inflate.js';
import { rewriteRecord } from './rewrite-record.js';
import { depthOf, splitArray } from './scan-json.js';
import { isFresh, parseSignatureHeader, sign, signatureHeader, verify } from './signature.js';
import { splitBody } from './split-body.js';
import { compileSources } from './sources.js';
import { TokenBucket } from './token-bucket.js';

const key = createSecretKey(TOKEN_KEY);
const rule = (path: string, action: FieldPolicyRule['action'], tokenClass = 'default'): FieldPolicyRule => ({ path, action, class: tokenClass });

describe('signature', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  it('is the HMAC-SHA256 of `t.body` by an independent calculation', () => {
    const header = signatureHeader(key, now, Buffer.from('{"a":1}'));
    const t = String(now.getTime() / 1000);
    expect(header).toBe(`t=${t},v1=${createHmac('sha256', TOKEN_KEY).update(`${t}.{"a":1}`).digest('hex')}`);
  });

  it('holds for what was signed and for nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), fc.integer({ min: 0, max: 31 }), (bytes, position, bit) => {
        const body = Buffer.from(bytes);
        const header = parseSignatureHeader(signatureHeader(key, now, body))!;
        expect(verify(header, [key], body)).toEqual(sign(key, header.time, body));
        expect(verify(header, [createSecretKey(Buffer.from('another'))], body)).toBeUndefined();
        const changed = Buffer.concat([body, Buffer.from([0])]);
        const target = changed[position % changed.length]!;
        changed[position % changed.length] = target ^ (1 << bit % 8);
        expect(verify(header, [key], changed)).toBeUndefined();
        const forged = Buffer.from(header.values[0]!);
        forged[bit] = forged[bit]! ^ 1;
        expect(verify({ ...header, values: [forged] }, [key], body)).toBeUndefined();
      }),
    );
  });

  it('is the same whichever of several valid values is left in the header', () => {
    const [one, other] = [key, createSecretKey(Buffer.from('another'))];
    const body = Buffer.from('{}');
    const header = parseSignatureHeader(`${signatureHeader(one, now, body)},v1=${sign(other, String(now.getTime() / 1000), body).toString('hex')}`)!;
    const names = [header.values, ...header.values.map((value) => [value])].map((values) => verify({ ...header, values }, [one, other], body)?.toString('hex'));
    expect(new Set(names)).toEqual(new Set([header.values[0]!.toString('hex')]));
  });

  it('is fresh within the tolerance on both sides', () => {
    const header = parseSignatureHeader(signatureHeader(key, now, Buffer.alloc(0)))!;
    const at = (offset: number) => isFresh(header, new Date(now.getTime() + offset), 1000);
    expect([at(-1001), at(-1000), at(1000), at(1001)]).toEqual([false, true, true, false]);
  });

  it('refuses headers of another form without failing', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseSignatureHeader(text)));
    const value = 'a'.repeat(64);
    for (const header of ['', 't=1', `v1=${value}`, `t=1,t=2,v1=${value}`, `t=-1,v1=${value}`, `t=1e3,v1=${value}`, `t=1,v1=${value}0`, `t=1${`,v1=${value}`.repeat(9)}`]) {
      expect(parseSignatureHeader(header)).toBeUndefined();
    }
  });
});

describe('inflate', () => {
  const limits = { maxBytes: 200_000, maxRatio: 100 };

  it('gives back what was compressed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect(Buffer.compare(await inflate(gzipSync(bytes), limits), Buffer.from(bytes))).toBe(0);
      }),
    );
  });

  it('stops a bomb long before its end', async () => {
    const bomb = gzipSync(Buffer.alloc(48 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    await expect(inflate(bomb, limits)).rejects.toMatchObject({ code: 'intake.body_too_large' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });
});

describe('splitting', () => {
  it('cuts an array into the elements that a parser sees', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.constantFrom(',', ' ,\n', ',\t'), (texts, comma) => {
        const body = Buffer.from(`[${texts.join(comma)}]`);
        const cut = splitArray(body, { start: 0, end: body.length }, texts.length)!;
        expect(cut.map(({ start, end }): unknown => JSON.parse(body.subarray(start, end).toString()))).toEqual(JSON.parse(body.toString()));
      }),
    );
  });

  it('measures the depth that recursion would', () => {
    const depth = (value: unknown): number => (typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depth)) : 0);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const body = Buffer.from(JSON.stringify(value));
        expect(depthOf(body, { start: 0, end: body.length }, 100)).toBe(depth(value));
      }),
    );
  });

  it('gives each line once and in order, and never fails on bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.json().filter((text) => text.startsWith('{'))), (texts) => {
        fc.pre(texts.length > 0);
        const body = Buffer.from(texts.join('\n'));
        expect(splitBody(body, { format: 'json', lines: false, maxRecords: 1000 }).map(({ start, end }) => body.subarray(start, end).toString())).toEqual(texts);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          splitBody(Buffer.from(bytes), { format: 'json', lines: false, maxRecords: 10 });
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^intake\./) });
        }
      }),
    );
  });
});

describe('field policy', () => {
  const SECRET_TEXT = 'PLANTED-7f3a';
  const keyName = fc.constantFrom('user', 'password', 'Password', 'list', 'a.b', 'x', '"\\');
  /** Any JSON in which the secret stands only below a key `password`, at any place and in any shape. */
  const { document } = fc.letrec<{ document: JsonValue; secret: JsonValue }>((tie) => ({
    secret: fc.oneof({ maxDepth: 2 }, fc.constant(SECRET_TEXT), fc.array(tie('secret'), { maxLength: 2 }), fc.record({ v: tie('secret') })),
    document: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<JsonValue>(1, 'plain', null, true),
      fc.array(tie('document'), { maxLength: 3 }),
      fc.array(fc.tuple(keyName, tie('document'), tie('secret')), { maxLength: 4 }).map((members) =>
        Object.fromEntries(members.map(([name, inner, secret]) => [name, name.toLowerCase() === 'password' ? secret : inner])),
      ),
    ),
  }));
  const escaped = (text: string) => text.replaceAll('PLANTED', '\\u0050LANTED').replaceAll('"password"', '"p\\u0061ssword"');

  it.each(['mask', 'hash', 'tokenise', 'drop'] as const)('%s leaves a secret at its path nowhere, however it is nested or escaped', (action) => {
    const policy = new FieldPolicy([rule('**.password', action)], key);
    fc.assert(
      fc.property(document, fc.boolean(), (value, escape) => {
        const plain = JSON.stringify({ doc: value });
        const rewritten = rewriteRecord(escape ? escaped(plain) : plain, policy);
        expect(JSON.stringify(JSON.parse(rewritten))).not.toContain('7f3a');
      }),
    );
  });

  it('leaves every other value exactly as it was', () => {
    const policy = new FieldPolicy([rule('nowhere.to.be.found', 'drop')], key);
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => expect(JSON.parse(rewriteRecord(JSON.stringify(value, null, 1), policy))).toEqual(JSON.parse(JSON.stringify(value)))));
    expect(rewriteRecord('{ "id" : 12345678901234567890123, "e": 1.0E+2 }', policy)).toBe('{"id":12345678901234567890123,"e":1.0E+2}');
  });

  it.each<[string, string, string, string]>([
    ['enters arrays without a step', 'users.email', '{"users":[{"email":"a"},{"email":"b","n":1}]}', '{"users":[{"email":"[masked]"},{"email":"[masked]","n":1}]}'],
    ['takes * as any one key', 'headers.*', '{"headers":{"a":1,"b":{"c":2}},"a":3}', '{"headers":{"a":"[masked]","b":"[masked]"},"a":3}'],
    ['takes ** as any keys, none included', 'a.**.z', '{"a":{"z":1,"b":{"c":{"z":2}}},"z":3}', '{"a":{"z":"[masked]","b":{"c":{"z":"[masked]"}}},"z":3}'],
    ['reads a dotted key as its nested path', 'user.email', '{"user.email":"a","user":{"email":"b"}}', '{"user.email":"[masked]","user":{"email":"[masked]"}}'],
    ['treats every occurrence of a repeated key', 'p', '{"p":"a","p":"b"}', '{"p":"[masked]","p":"[masked]"}'],
    ['does not look at case', 'Headers.Authorization', '{"headers":{"AUTHORIZATION":"x"}}', '{"headers":{"AUTHORIZATION":"[masked]"}}'],
  ])('%s', (_, path, text, expected) => {
    expect(rewriteRecord(text, new FieldPolicy([rule(path, 'mask')], key))).toBe(expected);
  });

  it('keeps as many places in its paths as there are, however long a key is', () => {
    const { start } = new FieldPolicy([rule('**.a.**.b', 'drop'), rule('**.a.*.**.c', 'drop')], key);
    const places = [1, 2, 4, 8].map((times) => enter(start, Array(times).fill('a').join('.')));
    for (const state of places) expect(new Set(state).size).toBe(state.length);
  });

  it.each(['hash', 'tokenise'] as const)('%s tells numbers apart by every digit, wherever they stand, and texts not by how they are written', (action) => {
    const policy = new FieldPolicy([rule('a', action)], key);
    const replaced = (value: string) => rewriteRecord(`{"a":${value}}`, policy);
    for (const around of ['#', '[1,#]', '{"k":#}', '[[{"k":[#]}]]']) {
      expect(replaced(around.replace('#', '12345678901234567891'))).not.toBe(replaced(around.replace('#', '12345678901234567892')));
      expect(replaced(around.replace('#', '"\\u0041/"'))).toBe(replaced(around.replace('#', ' "A\\/" ')));
    }
    expect(replaced('{ "k" : [ 1 , null ] }')).toBe(replaced('{"\\u006b":[1,null]}'));
  });

  it('gives equal tokens to equal values of one class, wherever they stand, and others otherwise', () => {
    const rules = [rule('a', 'tokenise', 'email'), rule('b.c', 'tokenise', 'email'), rule('d', 'tokenise', 'name'), rule('e', 'hash')];
    const rewritten = JSON.parse(rewriteRecord('{"a":"x","b":[{"c":["x","\\u0078",null]}],"d":"x","e":"x"}', new FieldPolicy(rules, key))) as Record<string, never>;
    const { a, b, d, e } = rewritten as unknown as { a: string; b: { c: string[] }[]; d: string; e: string };
    expect(a).toMatch(/^tok_email_[\w-]{22}$/);
    expect(b).toEqual([{ c: [a, a, null] }]);
    expect(new Set([a, d.replace('tok_name_', 'tok_email_'), e]).size).toBe(3);
    expect(rewriteRecord('{"a":"x"}', new FieldPolicy(rules, createSecretKey(Buffer.alloc(32, 9))))).not.toContain(a);
  });
});

describe('GroupCommitter', () => {
  const record = (id: string, lane: string): NewRecord => ({
    id, source: lane, stream: 's', delivery: id, itemIndex: 0, dedupeKey: null, bodyHash: Buffer.from(id), body: Buffer.from(id), receivedAt: new Date(0),
  });

  it('stores what it resolved, once, in the order of each lane, and nothing of what it rejected, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ lane: fc.constantFrom('a', 'b', 'c'), size: fc.integer({ min: 1, max: 4 }), pause: fc.boolean() }), { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 10 }),
        async (deliveries, failures) => {
          const log = new FakeEventLog();
          const pending = [...failures];
          log.before = async () => {
            await new Promise(setImmediate);
            if (pending.shift()) throw new Error('injected');
          };
          const committer = new GroupCommitter(log, { maxRecords: 6, maxBytes: 1000 });
          const outcomes: Promise<{ ids: string[]; lane: string; stored: boolean }>[] = [];
          for (const [number, { lane, size, pause }] of deliveries.entries()) {
            const records = Array.from({ length: size }, (_, index) => record(`${number}-${index}`, lane));
            const ids = records.map(({ id }) => id);
            const settle = committer.submit(lane, { records }).then(
              (results) => {
                if (results === 'refused') throw new Error('nothing was bound');
                expect(results.map((result) => result.status === 'stored' && log.stored[result.position - 1]!.id)).toEqual(ids);
                return { ids, lane, stored: true };
              },
              () => ({ ids, lane, stored: false }),
            );
            outcomes.push(settle);
            if (pause) await new Promise(setImmediate);
          }
          const settled = await Promise.all(outcomes);
          await committer.drain();
          for (const lane of ['a', 'b', 'c']) {
            const promised = settled.filter((outcome) => outcome.stored && outcome.lane === lane).flatMap(({ ids }) => ids);
            expect(log.stored.filter((stored) => stored.source === lane).map(({ id }) => id)).toEqual(promised);
          }
          for (const size of log.groups) expect(size).toBeLessThanOrEqual(6);
        },
      ),
    );
  });

  it('appends under each key for its first holder alone, and refuses nobody else, whatever fails', async () => {
    const submission = fc.record({ lane: fc.constantFrom('a', 'b'), key: fc.option(fc.constantFrom(1, 2, 3)), holder: fc.constantFrom('d-1', 'd-2'), pause: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(submission, { maxLength: 30 }), fc.array(fc.boolean(), { maxLength: 10 }), async (submissions, failures) => {
        const log = new FakeEventLog();
        const pending = [...failures];
        log.before = async () => {
          await new Promise(setImmediate);
          if (pending.shift()) throw new Error('injected');
        };
        const committer = new GroupCommitter(log, { maxRecords: 5, maxBytes: 1000 });
        const outcomes: Promise<{ id: string; key: number | null; holder: string; stored: boolean; refused: boolean }>[] = [];
        for (const [number, { lane, key, holder, pause }] of submissions.entries()) {
          const id = `${number}`;
          const binding = key === null ? undefined : { key: Buffer.alloc(16, key), holder, expires: new Date(0) };
          const settle = committer.submit(lane, { records: [record(id, lane)], binding }).then(
            (outcome) => ({ id, key, holder, stored: outcome !== 'refused', refused: outcome === 'refused' }),
            () => ({ id, key, holder, stored: false, refused: false }),
          );
          outcomes.push(settle);
          if (pause) await new Promise(setImmediate);
        }
        const settled = await Promise.all(outcomes);
        expect(new Set(log.stored.map(({ id }) => id))).toEqual(new Set(settled.filter(({ stored }) => stored).map(({ id }) => id)));
        expect(settled.filter(({ key, refused }) => key === null && refused)).toEqual([]);
        for (const key of [1, 2, 3]) {
          const holders = (of: 'stored' | 'refused') => new Set(settled.filter((one) => one.key === key && one[of]).map(({ holder }) => holder));
          expect(holders('stored').size).toBeLessThanOrEqual(1);
          for (const holder of holders('refused')) expect(holders('stored')).not.toContain(holder);
        }
      }),
    );
  });

  it('lets a quiet source in between the deliveries of a flood', async () => {
    const log = new FakeEventLog();
    const committer = new GroupCommitter(log, { maxRecords: 4, maxBytes: 1000 });
    const flood = Array.from({ length: 40 }, (_, index) => committer.submit('flood', { records: [record(`f${index}`, 'flood')] }));
    await Promise.all([...flood, committer.submit('quiet', { records: [record('q', 'quiet')] })]);
    expect(log.stored.findIndex(({ id }) => id === 'q')).toBeLessThan(4);
  });

  it('commits what waits while a commit is in flight as one group', async () => {
    const log = new FakeEventLog();
    const committer = new GroupCommitter(log, { maxRecords: 100, maxBytes: 1000 });
    let release = () => {};
    log.before = () => new Promise((resolve) => (release = resolve));
    const first = committer.submit('a', { records: [record('1', 'a')] });
    // The first commit is in flight once its turn of the event loop is over.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    log.before = () => {};
    const rest = ['2', '3', '4'].map((id) => committer.submit('a', { records: [record(id, 'a')] }));
    release();
    await Promise.all([first, ...rest]);
    expect(log.groups).toEqual([1, 3]);
  });
});

describe('limits', () => {
  it('hold a source to its rate over any pattern of deliveries', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 0, max: 700 })), { maxLength: 50 }), (deliveries) => {
        const bucket = new TokenBucket(10, 0);
        let now = 0;
        let taken = 0;
        for (const [count, pause] of deliveries) {
          now += pause;
          if (bucket.take(count, now) === 0) taken += count;
          expect(taken).toBeLessThanOrEqual(20 + (now / 1000) * 10 + 1e-6);
        }
      }),
    );
  });

  it('let a delivery larger than the burst through when nothing else went before, and charge it', () => {
    const bucket = new TokenBucket(10, 0);
    expect(bucket.take(50, 0)).toBe(0);
    expect(bucket.take(1, 1000)).toBeCloseTo(2.1);
    expect(bucket.take(1, 3100)).toBe(0);
  });

  it('give back every byte of the budget', () => {
    const budget = new ByteBudget(100);
    const [first, second] = [budget.open(), budget.open()];
    expect(first.resize(80)).toBe(true);
    expect(second.resize(30)).toBe(false);
    expect(first.resize(10)).toBe(true);
    expect(second.resize(90)).toBe(true);
    first.release();
    second.release();
    expect(budget.held).toBe(0);
    expect(first.resize(500)).toBe(true);
  });

  it('keep room for the proven whatever strangers send, and for each stranger whatever the others send', () => {
    const peers = fc.constantFrom('192.0.2.1', '192.0.2.2', undefined);
    const steps = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.constantFrom('grow', 'prove', 'release'), fc.nat({ max: 12 })));
    fc.assert(
      fc.property(fc.array(peers, { minLength: 10, maxLength: 10 }), steps, (senders, script) => {
        const budget = new ByteBudget(80);
        const open = senders.map((peer) => ({ peer, bytes: 0, reservation: budget.open(peer) }));
        const sum = (fits: (peer: string | undefined) => boolean) => open.filter(({ peer }) => fits(peer)).reduce((total, { bytes }) => total + bytes, 0);
        for (const [index, action, by] of script) {
          const one = open[index]!;
          if (action === 'release') {
            one.reservation.release();
            one.bytes = 0;
          } else if (action === 'prove') {
            one.reservation.prove();
            one.peer = undefined;
          } else if (one.reservation.resize(one.bytes + by)) one.bytes += by;
          const alone = (fits: (peer: string | undefined) => boolean) => open.filter(({ peer, bytes }) => fits(peer) && bytes > 0).length <= 1;
          const held = (limit: number, fits: (peer: string | undefined) => boolean) => expect(alone(fits) || sum(fits) <= limit).toBe(true);
          held(80, () => true);
          held(40, (peer) => peer !== undefined);
          for (const address of ['192.0.2.1', '192.0.2.2']) held(10, (peer) => peer === address);
          expect(budget.held).toBe(sum(() => true));
        }
        for (const { reservation } of open) reservation.release();
        expect(budget.held).toBe(0);
      }),
    );
  });

  it('compile every configured source with its policy, quota and proof', () => {
    const compiled = compileSources({ a: source({ quota: 5 }), b: source({ auth: { type: 'none' } }) }, { tokenKey: TOKEN_KEY, formatOf: () => 'json', now: new Date(0) });
    expect([...compiled.values()].map(({ name, open, quota }) => [name, open, quota !== undefined])).toEqual([['a', false, true], ['b', true, false]]);
  });
});
