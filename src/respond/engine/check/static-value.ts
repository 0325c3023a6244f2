import { isJsonObject, type JsonValue } from '../../../kernel/index.js';
import type { PlaybookSource, Templated } from '../playbook-source.js';

/**
 * The value of a template that is known before a run: a plain one, or the default of the parameter that it names as a
 * whole. Undefined where only a run can tell.
 */
export function staticValue(template: Templated | undefined, { params }: PlaybookSource): JsonValue | undefined {
  if (typeof template !== 'string') return template;
  if (!template.includes('${')) return template;
  const name = /^\$\{\s*params\.(\w+)\s*\}$/.exec(template)?.[1];
  const properties = params?.['properties'];
  const schema = name !== undefined && isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  return isJsonObject(schema) ? schema['default'] : undefined;
}

/** Whether a template holds an expression anywhere. */
export function isDynamic(template: Templated): boolean {
  if (typeof template === 'string') return template.includes('${');
  if (Array.isArray(template)) return template.some(isDynamic);
  return isJsonObject(template) && Object.values(template).some(isDynamic);
}
