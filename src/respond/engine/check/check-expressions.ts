import { isJsonObject, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { closest } from '../closest.js';
import { ANY_MAP, type CelType, type TypesOf } from '../expression/index.js';
import type { FindingCode } from '../finding-catalogue.js';
import type { ActionSource } from '../playbook-source.js';
import type { Path } from '../positions.js';
import { checkMembers, checkSchema, checkValue } from './check-values.js';
import { ANY_EVENT, doneType, ERROR_EVENT, eventType, TIMER_EVENT, triggerType } from './event-types.js';
import type { StateNode, TransitionList } from './machine-model.js';
import { couldBe, type PlaybookCheck } from './playbook-check.js';
import { schemaType } from './schema-type.js';

const NOW: CelType = { kind: 'timestamp' };

/** Rules 2 and 14: every expression against what stands there, inputs and the context against their schemas. */
export function checkExpressions(check: PlaybookCheck): void {
  new ExpressionCheck(check).run();
}

class ExpressionCheck {
  private readonly contextSchema: JsonObject;
  private readonly context: CelType;
  private readonly params: CelType;

  constructor(private readonly check: PlaybookCheck) {
    const { context, params } = check.source;
    this.contextSchema = checkSchema(check, context.schema, ['context', 'schema']) ? { type: 'object', ...context.schema } : {};
    const paramSchema = params === undefined || !checkSchema(check, params, ['params']) ? undefined : params;
    this.context = schemaType(this.contextSchema);
    this.params = params === undefined ? { kind: 'map', properties: {}, additional: undefined } : paramSchema ? schemaType({ type: 'object', ...paramSchema }) : ANY_MAP;
  }

  run(): void {
    const { source, model } = this.check;
    const start = { event: triggerType(source.trigger.on), params: this.params, now: NOW };
    if (source.trigger.when !== undefined) this.condition(source.trigger.when, ['trigger', 'when'], start);
    checkMembers(this.check, source.context.initial, this.contextSchema, ['context', 'initial'], start, 'playbook.context_mismatch');
    for (const state of model.states) this.state(state);
  }

  private roots(event: CelType): TypesOf {
    return { context: this.context, event, params: this.params, now: NOW };
  }

  private state(state: StateNode): void {
    const { source, path } = state;
    const anyEvent = this.roots(ANY_EVENT);
    for (const key of ['entry', 'exit'] as const) this.actions(source[key], [...path, key], anyEvent);
    if (source.invoke) this.input(source.invoke.src, source.invoke.input, [...path, 'invoke'], anyEvent);
    for (const list of state.lists) {
      const roots = this.roots(this.eventOf(list, state));
      if (list.cause === 'after' && list.key.includes('${')) this.delay(list, anyEvent);
      for (const { source: transition, path: at } of list.transitions) {
        if (transition.guard !== undefined) this.condition(transition.guard, [...at, 'guard'], roots);
        if (transition.assign) this.assign(transition.assign, [...at, 'assign'], roots);
        this.actions(transition.actions, [...at, 'actions'], roots);
      }
    }
  }

  private eventOf({ cause, key }: TransitionList, { source }: StateNode): CelType {
    if (cause === 'on') return eventType(key) ?? ANY_EVENT;
    if (cause === 'after') return TIMER_EVENT;
    if (cause === 'invoke.onDone') return doneType(this.check.action(source.invoke?.src ?? ''));
    return cause === 'invoke.onError' ? ERROR_EVENT : ANY_EVENT;
  }

  private condition(text: string, path: Path, roots: TypesOf): void {
    const type = this.check.typeOfCondition(text, path, roots);
    if (!couldBe(type, ['bool'])) this.check.findings.add('playbook.expression_type', path, 'a condition gives true or false');
  }

  private delay({ key, path }: TransitionList, roots: TypesOf): void {
    const type = this.check.typeOfCondition(key, path, roots);
    if (!couldBe(type, ['duration', 'timestamp', 'string'])) this.check.findings.add('playbook.expression_type', path, 'a delay gives a duration or a timestamp', 'key');
  }

  private actions(actions: readonly ActionSource[] | undefined, path: Path, roots: TypesOf): void {
    actions?.forEach((action, index) => {
      if ('assign' in action) this.assign(action.assign, [...path, index, 'assign'], roots);
      else this.input(action.type, action.params, [...path, index], roots, 'params');
    });
  }

  private input(id: string, input: Readonly<Record<string, JsonValue>> | undefined, path: Path, roots: TypesOf, key = 'input'): void {
    const action = this.check.action(id);
    const at = input === undefined ? path : [...path, key];
    const schema = action?.input ?? {};
    // A missing deadline is reported as the wait that it is.
    const wanted = id === 'core.approval' && Array.isArray(schema['required']) ? { ...schema, required: schema['required'].filter((name) => name !== 'deadline') } : schema;
    checkMembers(this.check, { ...input }, wanted, at, roots, 'playbook.input_mismatch');
  }

  private assign(assign: Readonly<Record<string, JsonValue>>, path: Path, roots: TypesOf): void {
    for (const [target, value] of Object.entries(assign)) {
      const at = [...path, target];
      const schema = this.schemaAt(target.split('.'), this.contextSchema, at, target);
      const code: FindingCode = 'playbook.context_mismatch';
      if (target.includes('${')) continue;
      checkValue(this.check, value, schema ?? {}, at, roots, code);
    }
  }

  /** The schema of a dotted path of the context; one that the schema lacks is reported. */
  private schemaAt([key, ...rest]: readonly string[], schema: JsonValue, path: Path, whole: string): JsonValue | undefined {
    if (key === undefined) return schema;
    if (!isJsonObject(schema)) return undefined;
    const { properties, additionalProperties: additional } = schema;
    if (isJsonObject(properties) && Object.hasOwn(properties, key)) return this.schemaAt(rest, properties[key] ?? {}, path, whole);
    if (isJsonObject(additional)) return this.schemaAt(rest, additional, path, whole);
    const open = additional === true || ['anyOf', 'oneOf', 'allOf', '$ref', 'patternProperties'].some((name) => name in schema) || (!isJsonObject(properties) && Object.keys(this.contextSchema).length === 0);
    if (!open) {
      const known = isJsonObject(properties) ? Object.keys(properties) : [];
      this.check.findings.add('playbook.context_path', path, `the context has no '${whole}'${closest(key, known)}; its schema knows ${known.join(', ') || 'nothing there'}`, 'key');
    }
    return undefined;
  }
}
