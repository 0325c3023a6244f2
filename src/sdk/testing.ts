/**
 * What a connector's spec needs: `describeConnector(connector, import.meta.url)` runs every fixture beside the spec and holds
 * each source against damaged records. For tests only.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../kernel/index.js';
import type { Connector } from './connector.js';
import { ecsViolations } from './ecs/violations.js';
import { normaliseRecord, type NormaliseResult } from './engine/normalise-record.js';
import type { Source } from './source.js';

export { describeHttpAction, type HttpActionContract } from './testing/describe-http-action.js';
export { FaultyServer, type Answer, type Behaviour, type SeenRequest } from './testing/faulty-server.js';

/** Set to 1 to write the expected documents instead of comparing them. Read the difference before you commit it. */
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';
const CONTEXT = { receivedAt: new Date('2026-02-01T00:00:00.000Z'), recordId: '01900000-0000-7000-8000-000000000001' };
const EXPECTED = '.expected.json';

interface Fixture {
  readonly name: string;
  readonly raw: Buffer;
  readonly expectedFile: string;
}

/**
 * Declares the tests of one connector. Fixtures are `fixtures/<stream>/<situation>.json` or `.log`, one record a file without
 * its last line feed, each with `<situation>.expected.json`: the document without event.original and event.hash, or
 * `{"dropped": "<reason>"}`.
 */
export function describeConnector(connector: Connector, specUrl: string): void {
  const folder = path.join(path.dirname(fileURLToPath(specUrl)), 'fixtures');
  describe.each(connector.sources.map((source) => [source.stream, source] as const))('%s', (stream, source) => {
    const fixtures = readFixtures(path.join(folder, stream));

    test('has fixtures', () => {
      expect(fixtures.map(({ name }) => name)).not.toEqual([]);
    });

    test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s gives the expected document', (_, { raw, expectedFile }) => {
      const result = normaliseRecord(source, raw, CONTEXT);
      const comparable = withoutRaw(result);
      if (UPDATE) writeFileSync(expectedFile, `${JSON.stringify(comparable, undefined, 2)}\n`);
      expect(comparable).toEqual(JSON.parse(readFileSync(expectedFile, 'utf8')));
      checkInvariants(source, raw, result);
    });

    test('no damaged record breaks an invariant', () => {
      fc.assert(fc.property(damaged(fixtures), (raw) => checkInvariants(source, raw, normaliseRecord(source, raw, CONTEXT))), { numRuns: 300 });
    });
  });
}

function readFixtures(folder: string): Fixture[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => /\.(?:json|log)$/.test(file) && !file.endsWith(EXPECTED)).sort().map((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8').replace(/\n$/, '');
    return { name: file, raw: Buffer.from(text), expectedFile: path.join(folder, file.replace(/\.\w+$/, EXPECTED)) };
  });
}

function withoutRaw(result: NormaliseResult): JsonObject {
  if (result.kind === 'dropped') return { dropped: result.reason };
  const { original: _original, hash: _hash, ...event } = result.document['event'] as JsonObject;
  return { ...result.document, event };
}

/** What holds for any bytes: a valid document that can be stored, that keeps the raw text, that depends on the input alone. */
function checkInvariants(source: Source, raw: Buffer, result: NormaliseResult): void {
  if (result.kind === 'dropped') return;
  const { document } = result;
  expect(ecsViolations(document)).toEqual([]);
  const text = JSON.stringify(document);
  expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\u0000/);
  expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\ud[89a-f]/);
  const event = document['event'] as JsonObject;
  expect([event['kind'] === 'pipeline_error', event['dataset']]).toEqual([result.kind === 'error', source.stream]);
  const lossless = (value: unknown): string => (typeof value === 'string' ? value.replaceAll('\u0000', '').replaceAll('\ufffd', '') : 'no text');
  expect(lossless(event['original'])).toBe(lossless(raw.toString('utf8')));
  expect(Object.hasOwn(Object.prototype, MARKER)).toBe(false);
  expect(Object.getPrototypeOf(document)).toBe(Object.prototype);
  expect(JSON.stringify(normaliseRecord(source, raw, CONTEXT))).toBe(JSON.stringify(result));
}

const MARKER = 'pollutedByATest';
const POISON = `"__proto__":{"${MARKER}":1},"constructor":{"prototype":{"${MARKER}":1}},`;

function damaged(fixtures: readonly Fixture[]): fc.Arbitrary<Buffer> {
  const whole = fc.constantFrom(...fixtures.map(({ raw }) => raw));
  const cut = fc.tuple(whole, fc.nat(), fc.nat()).map(([raw, a, b]) => raw.subarray(Math.min(a % raw.length, b % raw.length), Math.max(a % raw.length, b % raw.length)));
  const patched = fc.tuple(whole, fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([raw, at, bytes]) => {
    const place = at % raw.length;
    return Buffer.concat([raw.subarray(0, place), bytes, raw.subarray(place + bytes.length)]);
  });
  const poisoned = whole.map((raw) => Buffer.from(raw.toString('utf8').replace('{', () => `{${POISON}`)));
  const swapped = fc.tuple(whole, fc.nat(), fc.json()).map(([raw, which, json]) => swapValue(raw, which, json));
  return fc.oneof({ weight: 4, arbitrary: swapped }, patched, cut, poisoned, fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)), fc.json().map((json) => Buffer.from(json)));
}

/** Puts `json` in the place of one value of a JSON record. */
function swapValue(raw: Buffer, which: number, json: string): Buffer {
  let fields: unknown;
  try {
    fields = JSON.parse(raw.toString('utf8'));
  } catch {
    return raw;
  }
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit(value);
    }
  };
  visit(fields);
  const place = places[which % places.length];
  if (place) place[0][place[1]] = JSON.parse(json) as unknown;
  return Buffer.from(JSON.stringify(fields));
}
