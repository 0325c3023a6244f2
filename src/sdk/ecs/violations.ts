import { isJsonObject, type JsonObject } from '../../kernel/index.js';
import { ECS_PARENTS, ecsField, typeFitsCategories, type FieldSpec } from './ecs-fields.js';
import { fitValue } from './fit-value.js';

export interface Violation {
  readonly field: string;
  readonly problem: string;
}

/**
 * What breaks ECS in a finished document: type, array-ness, allowed values, event.type without a fitting event.category.
 * Fields outside ECS are not looked at. Documents of the engine have none; tests and imports of foreign documents ask.
 */
export function ecsViolations(document: JsonObject): Violation[] {
  const found: Violation[] = [];
  visit(document, '', found);
  const event = isJsonObject(document['event']) ? document['event'] : {};
  const categories = texts(event['category']);
  if (categories.length > 0) {
    for (const type of texts(event['type'])) {
      if (!typeFitsCategories(type, categories)) found.push({ field: 'event.type', problem: `${type} does not go with ${categories.join(', ')}` });
    }
  }
  return found;
}

function visit(node: JsonObject, prefix: string, found: Violation[]): void {
  for (const [key, value] of Object.entries(node)) {
    const field = prefix + key;
    const spec = ecsField(field);
    if (spec) checkField(spec, value, found);
    if (!ECS_PARENTS.has(field)) continue;
    const children = Array.isArray(value) ? value : [value];
    for (const child of children) {
      if (isJsonObject(child)) visit(child, `${field}.`, found);
      else if (!spec) found.push({ field, problem: 'must be an object' });
    }
  }
}

function checkField(spec: FieldSpec, value: unknown, found: Violation[]): void {
  if (spec.array && !Array.isArray(value)) found.push({ field: spec.name, problem: 'must be an array' });
  for (const item of Array.isArray(value) ? value : [value]) {
    const fitted = fitValue(spec, item);
    // an object is compared by its kind alone, since fitting also cleans it
    const same = typeof item === 'object' && item !== null ? typeof fitted === 'object' : fitted === item || sameTime(spec, fitted, item);
    if (!same) found.push({ field: spec.name, problem: `${JSON.stringify(item)?.slice(0, 80)} is no ${spec.allowed ? 'allowed value' : spec.type}` });
  }
}

/** ISO times with another precision or zone are as good as the form that the engine writes. */
const sameTime = (spec: FieldSpec, fitted: unknown, item: unknown): boolean =>
  spec.type === 'date' && typeof item === 'string' && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(item) && typeof fitted === 'string';

const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
