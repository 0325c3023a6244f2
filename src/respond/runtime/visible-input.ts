import { isJsonObject, type ActionDescriptions, type JsonObject, type JsonValue } from '../../kernel/index.js';
import { REDACTED, withoutSecrets } from '../approval/redact.js';
import { BUILT_INS } from '../engine/built-ins.js';

/**
 * The input of an action as people, the audit trail and the playbook may see it: without what its schema marks `writeOnly`, and
 * without what a name calls a secret. Of an action that is not known (any more) nobody can say what may be seen: names alone are left.
 */
export function visibleInput(actions: Pick<ActionDescriptions, 'find'>, actionId: string, input: JsonObject): JsonObject {
  const action = actions.find(actionId) ?? BUILT_INS.find(({ id }) => id === actionId);
  if (!action) return hideAll(input) as JsonObject;
  return withoutSecrets(new Veil(action.input).over(input, [action.input]) as JsonObject);
}

const hideAll = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map(hideAll);
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hideAll(member)]));
  return value === null ? null : REDACTED;
};

/** Follows a value along the places of a JSON Schema (2020-12) that speak of it. */
class Veil {
  constructor(private readonly root: JsonObject) {}

  over(value: JsonValue, schemas: readonly JsonObject[]): JsonValue {
    const all = this.#spread(schemas);
    if (all.some(({ writeOnly }) => writeOnly === true)) return value === null ? null : REDACTED;
    if (Array.isArray(value)) return value.map((item, index) => this.over(item, all.flatMap((schema) => ofItem(schema, index))));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.over(member, all.flatMap((schema) => ofMember(schema, name)))]));
  }

  /** With all that they combine or refer to: where one alternative marks a value, it is hidden. */
  #spread(schemas: readonly JsonObject[]): readonly JsonObject[] {
    const seen = new Set<JsonObject>();
    const add = (schema: JsonValue | undefined): void => {
      if (!isJsonObject(schema) || seen.has(schema)) return;
      seen.add(schema);
      for (const key of ['anyOf', 'oneOf', 'allOf']) for (const part of list(schema[key])) add(part);
      for (const key of ['if', 'then', 'else']) add(schema[key]);
      if (typeof schema.$ref === 'string') add(this.#at(schema.$ref));
    };
    schemas.forEach(add);
    return [...seen];
  }

  #at(reference: string): JsonValue | undefined {
    const path = reference.replace(/^#\/?/, '').split('/').filter((part) => part !== '').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    return path.reduce<JsonValue | undefined>((place, part) => (isJsonObject(place) ? place[part] : undefined), this.root);
  }
}

function ofMember(schema: JsonObject, name: string): JsonObject[] {
  const { properties, additionalProperties, patternProperties } = schema;
  const own = isJsonObject(properties) ? properties[name] : undefined;
  const byPattern = isJsonObject(patternProperties) ? Object.entries(patternProperties).flatMap(([pattern, member]) => (new RegExp(pattern, 'u').test(name) ? [member] : [])) : [];
  return [...(own === undefined ? [additionalProperties] : [own]), ...byPattern].filter(isJsonObject);
}

function ofItem({ prefixItems, items }: JsonObject, index: number): JsonObject[] {
  return [list(prefixItems)[index] ?? items].filter(isJsonObject);
}

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
