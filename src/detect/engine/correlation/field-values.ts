import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';

/** The scalar values a field has in an event: none where it is missing or null, several where it is an array. */
export type FieldValues = (document: JsonObject, field: string) => readonly (string | number | boolean)[];

/** Looks up the literal dotted key first, then the nested path; an object counts as its JSON text. */
export const fieldValues: FieldValues = (document, field) => {
  const value = lookUp(document, field);
  if (value === undefined || value === null) return [];
  return typeof value === 'object' ? flatten(value) : [value];
};

function lookUp(value: JsonValue, path: string): JsonValue | undefined {
  if (Array.isArray(value)) {
    const found = value.map((item) => lookUp(item, path)).filter((item) => item !== undefined);
    return found.length === 0 ? undefined : found;
  }
  if (!isJsonObject(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const inner = Object.hasOwn(value, key) ? value[key] : undefined;
    const found = inner === undefined ? undefined : lookUp(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function flatten(value: JsonValue): (string | number | boolean)[] {
  if (value === null) return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap(flatten))];
  return [typeof value === 'object' ? JSON.stringify(value) : value];
}
