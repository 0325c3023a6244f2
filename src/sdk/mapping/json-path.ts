import type { JsonObject } from '../../kernel/index.js';

/** A dotted path made ready for reading. */
export interface JsonPath {
  readonly text: string;
  readonly segments: readonly string[];
}

const compiled = new Map<string, JsonPath>();

/** Paths are written in source definitions, so the cache is as large as the code and needs no limit. */
export function jsonPath(text: string): JsonPath {
  let path = compiled.get(text);
  if (!path) {
    path = { text, segments: text.split('.') };
    compiled.set(text, path);
  }
  return path;
}

/** The own value at a path; a number selects an array element. A literal key with dots (`"a.b"`) at the root is found too. */
export function readPath(root: JsonObject, path: JsonPath): unknown {
  let current: unknown = root;
  for (const key of path.segments) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) {
      return path.segments.length > 1 && Object.hasOwn(root, path.text) ? root[path.text] : undefined;
    }
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
