import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { parseDuration } from '../duration.js';

export interface ClosedSchema {
  /** Sentences about what does not fit, each with its path; empty where all fits. */
  violations(value: JsonValue): readonly string[];
  /** A copy with the schema's defaults where members are missing. */
  withDefaults(value: JsonObject): JsonObject;
}

/** Only the first object of an instance is cheap: schemas are checked by one, and compiled by others that go with them. */
const checker = new Ajv2020({ strict: false, logger: false });

const options = {
  strict: false,
  allErrors: true,
  meta: false,
  validateSchema: false,
  logger: false,
  formats: {
    duration: (text: string) => parseDuration(text) !== undefined,
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d{2}-\d{2}T/.test(text),
  },
} as const;

/**
 * A JSON Schema (2020-12) in which an object has the members that are named and no others, wherever it does not say.
 * @throws Error a schema that is none
 */
export function compileClosedSchema(schema: JsonObject): ClosedSchema {
  const closed = { type: 'object', ...Object(close({ properties: {}, ...schema })) } as JsonObject;
  if (checker.validateSchema(closed) !== true) throw new Error(`the schema is none: ${checker.errorsText(checker.errors, { dataVar: 'schema' })}`);
  const check = new Ajv2020(options).compile(closed);
  let fill: ValidateFunction | undefined;
  return {
    violations: (value) => (check(value) ? [] : (check.errors ?? []).map(describe)),
    withDefaults: (value) => {
      fill ??= new Ajv2020({ ...options, useDefaults: true }).compile(closed);
      const copy = structuredClone(value);
      fill(copy);
      return copy;
    },
  };
}

const ONE = ['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else', 'unevaluatedItems', 'unevaluatedProperties'];
const LIST = ['prefixItems', 'allOf', 'anyOf', 'oneOf'];
const BY_NAME = ['properties', 'patternProperties', '$defs', 'dependentSchemas'];

/** Schemas that are combined are left open: closing one of them would refuse the members of the others. */
function close(schema: JsonValue, combined = false): JsonValue {
  if (!isJsonObject(schema)) return schema;
  const inner = Object.entries(schema).map(([key, value]): [string, JsonValue] => {
    if (ONE.includes(key)) return [key, close(value, key === 'not' || key === 'if' || key === 'then' || key === 'else')];
    if (LIST.includes(key) && Array.isArray(value)) return [key, value.map((item) => close(item, key !== 'prefixItems'))];
    if (BY_NAME.includes(key) && isJsonObject(value)) return [key, Object.fromEntries(Object.entries(value).map(([name, item]) => [name, close(item, key === 'dependentSchemas')]))];
    return [key, value];
  });
  const names = isJsonObject(schema['properties']);
  const says = 'additionalProperties' in schema || 'unevaluatedProperties' in schema;
  return { ...Object.fromEntries(inner), ...(names && !says && !combined ? { unevaluatedProperties: false } : {}) };
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const member = (params as { readonly unevaluatedProperty?: string; readonly additionalProperty?: string }).unevaluatedProperty ?? (params as { readonly additionalProperty?: string }).additionalProperty;
  const place = instancePath.slice(1).replaceAll('/', '.');
  return `${place || 'it'} ${message ?? 'does not fit'}${member === undefined ? '' : `: ${member}`}`;
}
