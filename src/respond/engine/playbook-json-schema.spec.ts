import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import type { JsonObject, JsonValue } from '../../kernel/index.js';
import { playbookJsonSchema } from './playbook-json-schema.js';
import { keysAt } from './playbook-keys.js';

const root = path.resolve(import.meta.dirname, '../../..');
const fixtures = path.join(import.meta.dirname, 'fixtures');
const schema = playbookJsonSchema();

/** The names of the members that a part of the schema has, references and alternatives written out. */
function membersOf(part: JsonValue | undefined): string[] {
  const node = part as JsonObject | undefined;
  if (!node) return [];
  if (typeof node['$ref'] === 'string') return membersOf((schema['$defs'] as JsonObject)[node['$ref'].split('/').at(-1) ?? '']);
  if (Array.isArray(node['anyOf'])) return node['anyOf'].flatMap(membersOf);
  return Object.keys((node['properties'] as JsonObject | undefined) ?? {});
}

describe('playbook.schema.json', () => {
  it('takes the playbooks that the reader takes, and refuses misspelt keys', () => {
    const validate = new Ajv2020({ strict: false }).compile(schema);
    for (const file of readdirSync(path.join(fixtures, 'valid'))) {
      expect([validate(parse(readFileSync(path.join(fixtures, 'valid', file), 'utf8'))), validate.errors]).toEqual([true, null]);
    }
    expect(validate(parse(readFileSync(path.join(fixtures, 'invalid/unknown-key.yaml'), 'utf8')))).toBe(false);
  });

  it('has the keys from which the nearest name to a misspelt one is taken', () => {
    const properties = schema['properties'] as JsonObject;
    const state = (schema['$defs'] as JsonObject)['State'] as JsonObject;
    const inside = state['properties'] as JsonObject;
    const invoke = (inside['invoke'] as JsonObject)['properties'] as JsonObject;
    expect(keysAt([])).toEqual(Object.keys(properties));
    expect(keysAt(['trigger'])).toEqual(membersOf(properties['trigger']));
    expect(keysAt(['context'])).toEqual(membersOf(properties['context']));
    expect(keysAt(['policy', 'a.b'])).toEqual(membersOf((properties['policy'] as JsonObject)['additionalProperties']));
    expect(keysAt(['machine', 'states', 'a'])).toEqual(Object.keys(inside));
    expect(keysAt(['machine', 'invoke'])).toEqual(Object.keys(invoke));
    expect(keysAt(['machine', 'states', 'a', 'invoke', 'retry'])).toEqual(membersOf(invoke['retry']));
    expect(keysAt(['machine', 'on', 'x'])).toEqual([...new Set(membersOf((inside['on'] as JsonObject)['additionalProperties']))]);
    expect(keysAt(['machine', 'after', 'PT1S', 0])).toEqual([...new Set(membersOf((inside['after'] as JsonObject)['additionalProperties']))]);
    expect([...keysAt(['machine', 'entry', 0])].sort()).toEqual(membersOf((inside['entry'] as JsonObject)['items']).sort());
  });

  it('stands in the documents as the code makes it', async () => {
    const { renderPlaybookDocs } = (await import(path.join(root, 'scripts/lib/playbook-docs.mjs'))) as { renderPlaybookDocs(root: string, folder: string, extension: string): Promise<Record<string, string>> };
    for (const [file, text] of Object.entries(await renderPlaybookDocs(root, path.join(root, 'src'), 'ts'))) {
      expect({ file, same: readFileSync(path.join(root, file), 'utf8') === text, remedy: 'npm run build && npm run docs' }).toMatchObject({ file, same: true });
    }
  });
});
