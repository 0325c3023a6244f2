import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { closest } from '../closest.js';
import { ANY, describeType, membersOf, type CelType, type TypesOf } from '../expression/index.js';
import type { FindingCode } from '../finding-catalogue.js';
import { compileClosedSchema } from '../machine/closed-schema.js';
import type { Path } from '../positions.js';
import type { PlaybookCheck } from './playbook-check.js';
import { schemaType } from './schema-type.js';
import { isDynamic } from './static-value.js';

const schemas = new Ajv2020({ strict: false });

/** Whether a schema is JSON Schema; what is wrong is reported. */
export function checkSchema({ findings }: PlaybookCheck, schema: JsonObject, path: Path): boolean {
  let wrong: string | undefined;
  try {
    wrong = schemas.validateSchema(schema) === true ? undefined : schemas.errorsText(schemas.errors, { dataVar: 'schema' });
    if (wrong === undefined) compileClosedSchema(schema);
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  if (wrong !== undefined) findings.add('playbook.bad_schema', path, `this is no JSON Schema (2020-12): ${wrong.slice(0, 300)}`);
  return wrong === undefined;
}

/**
 * Compares a template with the schema that its value has to fit: the plain parts as they are, expressions by their type.
 * @param code under which a difference is reported
 */
export function checkValue(check: PlaybookCheck, template: JsonValue, schema: JsonValue, path: Path, roots: TypesOf, code: FindingCode): void {
  if (typeof template === 'string' && template.includes('$')) {
    const type = check.typeOfText(template, path, roots);
    const wanted = schemaType(schema);
    if (type && !overlap(type, wanted)) check.findings.add(code, path, `the expression gives ${describe(type)}, where ${describe(wanted)} is expected`);
    return;
  }
  if (!isJsonObject(schema) || !isDynamic(template)) {
    checkPlain(check, template, schema, path, code);
    return;
  }
  if (Array.isArray(template)) template.forEach((item, index) => checkValue(check, item, schema['items'] ?? {}, [...path, index], roots, code));
  else if (isJsonObject(template)) checkMembers(check, template, schema, path, roots, code);
  const wanted = schemaType(schema);
  const own: CelType = Array.isArray(template) ? { kind: 'list', items: ANY } : { kind: 'map', properties: {}, additional: ANY };
  if (!overlap(own, wanted)) check.findings.add(code, path, `${describe(wanted)} is expected here, not ${describe(own)}`);
}

/** Members one by one, so that each difference has its place. */
export function checkMembers(check: PlaybookCheck, template: JsonObject, schema: JsonObject, path: Path, roots: TypesOf, code: FindingCode): void {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : undefined;
  const combined = ['anyOf', 'oneOf', 'allOf', '$ref', 'if', 'patternProperties'].some((key) => key in schema);
  const additional = schema['additionalProperties'];
  for (const [key, value] of Object.entries(template)) {
    const at = [...path, key];
    if (properties && Object.hasOwn(properties, key)) checkValue(check, value, properties[key] ?? {}, at, roots, code);
    else if (properties && !combined && (additional === undefined || additional === false)) check.findings.add(code, at, `there is no '${key}'${closest(key, Object.keys(properties))}; known are ${Object.keys(properties).join(', ') || 'none'}`, 'key');
    else checkValue(check, value, isJsonObject(additional) ? additional : {}, at, roots, code);
  }
  const { required } = schema;
  for (const key of Array.isArray(required) ? required : []) {
    if (typeof key === 'string' && !Object.hasOwn(template, key)) check.findings.add(code, path, `'${key}' is missing`);
  }
}

function checkPlain(check: PlaybookCheck, value: JsonValue, schema: JsonValue, path: Path, code: FindingCode): void {
  if (!isJsonObject(schema)) return;
  if (isJsonObject(value) && isJsonObject(schema['properties'])) {
    checkMembers(check, value, schema, path, {}, code);
    return;
  }
  let wrong: string[] = [];
  try {
    wrong = [...compileClosedSchema({ properties: { value: schema } }).violations({ value })];
  } catch {
    // A schema that refers to its own parts cannot be taken apart; the whole is checked when the run starts.
    return;
  }
  for (const message of wrong) check.findings.add(code, path, message.replace(/^value(?:\.)?\s*/, ''));
}

function overlap(type: CelType, wanted: CelType): boolean {
  // Timestamps and durations become text, integers become numbers.
  const group = (kind: string): string => (kind === 'timestamp' || kind === 'duration' || kind === 'type' ? 'string' : kind === 'int' ? 'double' : kind);
  return membersOf(wanted).some((want) =>
    membersOf(type).some((have) => {
      if (want.kind === 'any' || have.kind === 'any') return true;
      if (group(want.kind) !== group(have.kind)) return false;
      if (want.kind !== 'string' || have.kind !== 'string' || !want.values || !have.values) return true;
      return have.values.some((value) => want.values?.includes(value));
    }),
  );
}

function describe(type: CelType): string {
  const values = membersOf(type).flatMap((member) => (member.kind === 'string' ? (member.values ?? []) : []));
  return values.length > 0 ? `${describeType(type)} (${values.slice(0, 10).map(String).join(', ')})` : describeType(type);
}
