import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { normaliseRecord } from '#sdk/index.js';
import { cordonGateway } from './sources/gateway.js';
import { gatewayRecord, ONE_OF_PATHS } from './sources/gateway-record.js';

/** UPDATE_FIXTURES=1 writes the table and the JSON Schema anew. */
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';
const PAGE = new URL('../../docs/sources/cordon-gateway.md', import.meta.url);
const SCHEMA = new URL('../../docs/sources/cordon-gateway.schema.json', import.meta.url);
const EXAMPLE = JSON.parse(readFileSync(new URL('./fixtures/cordon.gateway/full.json', import.meta.url), 'utf8')) as Json;

type Json = { [key: string]: Json | string | number | boolean };
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
}

function requires([key = '', ...below]: readonly string[]): object {
  return below.length > 0 ? { required: [key], properties: { [key]: requires(below) } } : { required: [key] };
}

const schema = { ...z.toJSONSchema(gatewayRecord), title: 'cordon.gateway record', anyOf: ONE_OF_PATHS.map((path) => requires(path.split('.'))) } as Schema;

function leavesOf(node: Schema, prefix = ''): { path: string; schema: Schema }[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const path = prefix + name;
    return child.properties ? leavesOf(child, `${path}.`) : [{ path, schema: child }];
  });
}

function valuesOf(node: unknown, prefix = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return found.set(prefix, JSON.stringify(node));
  for (const [key, child] of Object.entries(node as Json)) valuesOf(child, prefix ? `${prefix}.${key}` : key, found);
  return found;
}

function normalised(record: object): Map<string, string> {
  const result = normaliseRecord(cordonGateway, Buffer.from(JSON.stringify(record)), { receivedAt: new Date(0), recordId: 'r' });
  return result.kind === 'event' ? valuesOf(result.document) : new Map<string, string>();
}

/** The record with nothing but this field of the example; the example's own value lies at the same path. */
function only(path: string): object {
  const keys = path.split('.');
  const value = keys.reduce<unknown>((node, key) => (node as Json)[key], { ...EXAMPLE, error: 'scope missing' });
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
}

const BASE = { time: '2020-01-01T00:00:00Z', route: '/' };
const NOISE = /^(?:event\.(?:original|hash)|related\.)/;

/** Fields of the document that change when the field is in the record. */
function targets(path: string): string[] {
  const before = normalised(BASE);
  return [...normalised({ ...BASE, ...only(path) })].filter(([field, value]) => !NOISE.test(field) && before.get(field) !== value).map(([field]) => field);
}

const typeOf = ({ type, items }: Schema): string => (items ? `array of ${items.type ?? 'string'}` : (type ?? 'string'));

function table(): string {
  const rows = leavesOf(schema).map(({ path, schema: leaf }) =>
    `| \`${path}\` | ${typeOf(leaf)} | ${leaf.description ?? ''} | ${targets(path).map((field) => `\`${field}\``).join(', ')} |`);
  return ['| field | type | meaning | goes to |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

describe('docs/sources/cordon-gateway', () => {
  test('the table is what the code does', () => {
    const page = readFileSync(PAGE, 'utf8');
    const updated = page.replace(/(<!-- fields -->\n)[\s\S]*(\n<!-- \/fields -->)/, (_, start: string, end: string) => start + table() + end);
    if (UPDATE) writeFileSync(PAGE, updated);
    else expect(page).toBe(updated);
  });

  test('the JSON Schema is that of the code', () => {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    if (UPDATE) writeFileSync(SCHEMA, text);
    else expect(readFileSync(SCHEMA, 'utf8')).toBe(text);
  });

  test('every field is described, in the example, and goes somewhere', () => {
    for (const { path, schema: leaf } of leavesOf(schema)) {
      expect({ path, described: leaf.description !== undefined, goesTo: targets(path).length > 0 }).toEqual({ path, described: true, goesTo: true });
    }
  });
});
