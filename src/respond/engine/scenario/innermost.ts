import { isJsonObject, type JsonValue } from '../../../kernel/index.js';

/** Paths of the innermost states of XState's value. */
export function innermost(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, below]) => {
    const paths = innermost(below);
    return paths.length > 0 ? paths.map((path) => `${name}.${path}`) : [name];
  });
}
