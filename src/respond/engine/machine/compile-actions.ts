import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { PlaybookFailure } from '../compiled-playbook.js';
import type { Expression, Scope } from '../expression.js';
import { compileTemplate } from '../expression/index.js';
import type { ActionSource, Templated } from '../playbook-source.js';
import type { ClosedSchema } from './closed-schema.js';

/** Assignments and effects of one transition, entry or exit. */
export interface ActionList {
  /** The context after all assignments, each of which reads it as it was. Undefined where there is none. */
  readonly assign: ((scope: Scope) => JsonObject) | undefined;
  /** Effects that nobody waits for, in order; they read the context after the assignments. */
  readonly notify: readonly { readonly action: string; readonly input: Expression }[];
}

export function compileActions(assigns: Readonly<Record<string, Templated>> | undefined, actions: readonly ActionSource[] | undefined, schema: ClosedSchema): ActionList {
  const sources = [assigns ?? {}, ...(actions ?? []).flatMap((action) => ('assign' in action ? [action.assign] : []))];
  const writes = sources.flatMap((source) => Object.entries(source)).map(([path, value]) => ({ path: path.split('.'), value: compileTemplate(value) }));
  const notify = (actions ?? []).flatMap((action) => ('assign' in action ? [] : [{ action: action.type, input: compileTemplate({ ...action.params }) }]));
  return { assign: writes.length > 0 ? (scope) => assign(writes, scope, schema) : undefined, notify };
}

interface Write {
  readonly path: readonly string[];
  readonly value: Expression;
}

function assign(writes: readonly Write[], scope: Scope, schema: ClosedSchema): JsonObject {
  const before = scope.context ?? {};
  const after = writes.reduce((context, { path, value }) => setAt(context, path, value.evaluate(scope)), before);
  requireFit(after, schema);
  return after;
}

/** @throws PlaybookFailure the context does not fit its schema */
export function requireFit(context: JsonObject, schema: ClosedSchema): void {
  const violations = schema.violations(context);
  if (violations.length > 0) throw new PlaybookFailure(`the context would not fit its schema: ${violations.join('; ')}`);
}

function setAt(target: JsonObject, [key, ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (key === undefined) return target;
  if (rest.length === 0) return { ...target, [key]: value };
  const inner = Object.hasOwn(target, key) ? target[key] : undefined;
  if (inner !== undefined && inner !== null && !isJsonObject(inner)) throw new PlaybookFailure(`context.${key} is no object, so nothing can be set inside it`);
  return { ...target, [key]: setAt(inner ?? {}, rest, value) };
}
