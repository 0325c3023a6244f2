import { z } from 'zod';
import { isJsonObject, type JsonObject } from '../../kernel/index.js';

/**
 * JSON Schema (2020-12) of a schema that allows no unknown key at any level.
 * @param io what is described: the text an author writes (`input`), or what comes out (`output`)
 * @throws TypeError naming the place that is open or has no form in JSON
 */
export function closedJsonSchema(schema: z.ZodType, name: string, io: 'input' | 'output'): JsonObject {
  let document: JsonObject;
  try {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as JsonObject;
    document = rest;
  } catch (error) {
    throw new TypeError(`${name} has a part that JSON Schema cannot say: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (document['type'] !== 'object') throw new TypeError(`${name} is not an object`);
  requireClosed(document, name);
  return document;
}

function requireClosed(node: unknown, place: string): void {
  if (Array.isArray(node)) return node.forEach((child, index) => requireClosed(child, `${place}[${index}]`));
  if (!isJsonObject(node)) return;
  const isRecord = node['properties'] === undefined && isJsonObject(node['additionalProperties']);
  if (node['type'] === 'object' && node['additionalProperties'] !== false && !isRecord) throw new TypeError(`${place} takes unknown keys: use z.strictObject`);
  for (const [key, child] of Object.entries(node)) requireClosed(child, key === 'properties' ? place : `${place}.${key}`);
}
