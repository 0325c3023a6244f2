import type { JsonObject } from './json.js';

/** `event.kind` values of ECS 9.4 that the product produces. */
export type EcsKind = 'event' | 'alert' | 'signal' | 'state' | 'metric' | 'pipeline_error';

/**
 * One normalised document in Elastic Common Schema 9.4, nested (not dotted) form. The type names only what the product
 * reads itself; everything else is checked against the generated field table by `normalise`.
 */
export interface EcsEvent extends JsonObject {
  '@timestamp': string;
}

/** A value at a dotted path: the literal dotted key first, then the nested path. Undefined where there is none. */
export function ecsValue(document: JsonObject, path: string): unknown {
  if (Object.hasOwn(document, path)) return document[path];
  let current: unknown = document;
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null || Array.isArray(current) || !Object.hasOwn(current, key)) return undefined;
    current = (current as JsonObject)[key];
  }
  return current;
}
