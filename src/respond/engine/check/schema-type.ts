import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { ANY, unite, type CelType } from '../expression/index.js';

const MAX_DEPTH = 20;

/**
 * The type of what fits a JSON Schema, as far as its types, properties, enums and alternatives say. An object that names
 * its members has no others unless it says so.
 */
export function schemaType(schema: JsonValue | undefined, depth = 0): CelType {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return ANY;
  if ('const' in schema) return literalType(schema['const'] ?? null);
  const values = schema['enum'];
  if (Array.isArray(values)) return enumType(values);
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return unite(alternatives.map((item) => schemaType(item, depth + 1)));
  if ('$ref' in schema || 'allOf' in schema || 'if' in schema) return ANY;
  const types = typeNames(schema);
  return types.length === 0 ? ANY : unite(types.map((type) => named(type, schema, depth)));
}

function typeNames(schema: JsonObject): JsonValue[] {
  const { type } = schema;
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  return isJsonObject(schema['properties']) ? ['object'] : [];
}

function named(type: JsonValue, schema: JsonObject, depth: number): CelType {
  switch (type) {
    case 'string':
      return { kind: 'string' };
    case 'integer':
    case 'number':
      return { kind: 'double' };
    case 'boolean':
      return { kind: 'bool' };
    case 'null':
      return { kind: 'null' };
    case 'array':
      return { kind: 'list', items: schemaType(schema['items'], depth + 1) };
    case 'object':
      return objectType(schema, depth);
    default:
      return ANY;
  }
}

function objectType(schema: JsonObject, depth: number): CelType {
  const { properties, additionalProperties: additional } = schema;
  const named = isJsonObject(properties) ? properties : {};
  const open = additional === undefined ? !isJsonObject(properties) || 'patternProperties' in schema : additional !== false;
  return {
    kind: 'map',
    properties: Object.fromEntries(Object.entries(named).map(([key, member]) => [key, schemaType(member, depth + 1)])),
    additional: open ? schemaType(additional, depth + 1) : undefined,
  };
}

function enumType(values: readonly JsonValue[]): CelType {
  const strings = values.filter((value) => typeof value === 'string');
  const others = values.filter((value) => typeof value !== 'string').map(literalType);
  return unite([...(strings.length > 0 ? [{ kind: 'string', values: strings } as const] : []), ...others]);
}

function literalType(value: JsonValue): CelType {
  if (typeof value === 'string') return { kind: 'string', values: [value] };
  if (typeof value === 'number') return { kind: 'double' };
  if (typeof value === 'boolean') return { kind: 'bool' };
  if (value === null) return { kind: 'null' };
  if (Array.isArray(value)) return { kind: 'list', items: unite(value.map(literalType)) };
  return { kind: 'map', properties: Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literalType(member)])), additional: undefined };
}
