import { closest } from 'fastest-levenshtein';
import { parseCondition, type Condition } from './condition.js';
import { toClauses } from './correlation/measures/clause-measure.js';
import type { BooleanCondition, CorrelationSpec, CorrelationType, RuleExpression, ThresholdCondition, ThresholdOperator } from './correlation-spec.js';
import type { ResolveReference } from './resolve-reference.js';
import { describeNode, listOf, textOf, type RuleDocument, type RuleMapping, type RuleNode } from './rule-document.js';
import { refuse, type Warn } from './rule-findings.js';
import { readMetadata } from './rule-metadata.js';

const TYPES: readonly CorrelationType[] = [
  'event_count', 'value_count', 'value_sum', 'value_avg', 'value_percentile', 'value_median', 'temporal', 'temporal_ordered',
];
const OPERATORS: readonly ThresholdOperator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const KEYS = ['type', 'rules', 'group-by', 'timespan', 'condition', 'aliases', 'generate'];
/** M and y are the mean month and year of the Gregorian calendar, as pySigma has them. */
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, M: 2_629_746_000, y: 31_556_952_000,
};

/** The references of a correlation: id of each rule, and the words under which the document speaks of it. */
interface References {
  readonly ids: readonly string[];
  /** Word of the document -> rule id. */
  readonly words: ReadonlyMap<string, string>;
  resolve(reference: string, at: RuleNode): string;
}

/**
 * Reads a correlation document (Sigma correlation rules specification 2.1, with the extended temporal condition of
 * SEP 198 and the keys `percentile` and `value_median` as pySigma has them). Refuses what it cannot run as it is meant.
 */
export function parseCorrelation(document: RuleDocument, resolveReference: ResolveReference, warn: Warn): CorrelationSpec {
  const { id, name, title, level, tags, version } = readMetadata(document, warn);
  const section = document.root.get('correlation');
  if (section?.kind !== 'mapping') refuse('rules.wrong_type', `'correlation' must be a mapping, not ${describeNode(section)}`, section ?? document.root);
  checkKeys(section, KEYS, "'correlation'");
  const type = readType(section);
  const references = readReferences(section, resolveReference);
  return {
    kind: 'correlation',
    id,
    ...(name !== undefined && { name }),
    title,
    level,
    tags,
    version,
    type,
    rules: references.ids,
    groupBy: readNames(section.get('group-by'), "'group-by'"),
    aliases: readAliases(section.get('aliases'), references),
    timespanMs: readTimespan(section),
    condition: readCondition(section, type, references),
    generate: readGenerate(document.root.get('generate')) || readGenerate(section.get('generate')),
  };
}

function checkKeys(mapping: RuleMapping, known: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const { key, line } of mapping.entries) {
    if (seen.has(key)) refuse('rules.duplicate_key', `'${key}' stands twice in ${where}`, { line });
    seen.add(key);
    if (!known.includes(key)) refuse('rules.correlation_invalid', `${where} has no key '${key}'; did you mean '${closest(key, known)}'?`, { line });
  }
}

function readType(section: RuleMapping): CorrelationType {
  const node = section.get('type');
  const text = textOf(node);
  if (text === undefined) refuse('rules.missing_key', `'correlation.type' is missing; it is one of ${TYPES.join(', ')}`, node ?? section);
  const type = TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  const meant = text === 'ordered_temporal' ? 'temporal_ordered' : closest(text, TYPES);
  refuse('rules.correlation_invalid', `'correlation.type' cannot be '${text}'; write '${meant}'`, node);
}

function readReferences(section: RuleMapping, resolveReference: ResolveReference): References {
  const node = section.get('rules');
  const items = listOf(node);
  if (items.length === 0) refuse('rules.missing_key', "'correlation.rules' is missing; list the rules by id, name or title", node ?? section);
  const words = new Map<string, string>();
  const ids: string[] = [];
  for (const item of items) {
    const word = textOf(item);
    if (word === undefined) refuse('rules.wrong_type', `an entry of 'correlation.rules' must be text, not ${describeNode(item)}`, item);
    const id = resolveReference(word, item);
    if (ids.includes(id)) refuse('rules.correlation_invalid', `'${word}' stands twice in 'correlation.rules'`, item);
    ids.push(id);
    words.set(word, id);
  }
  return {
    ids,
    words,
    resolve(reference, at) {
      const id = words.get(reference) ?? resolveReference(reference, at);
      if (!ids.includes(id)) refuse('rules.unknown_reference', `'${reference}' is not one of 'correlation.rules'`, at);
      return id;
    },
  };
}

function readNames(node: RuleNode | undefined, where: string): string[] {
  const names: string[] = [];
  for (const item of listOf(node)) {
    const text = textOf(item);
    if (text === undefined || text === '') refuse('rules.wrong_type', `${where} takes field names, not ${describeNode(item)}`, item);
    if (!names.includes(text)) names.push(text);
  }
  return names;
}

function readAliases(node: RuleNode | undefined, references: References): CorrelationSpec['aliases'] {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return {};
  if (node.kind !== 'mapping') refuse('rules.wrong_type', `'aliases' must be a mapping, not ${describeNode(node)}`, node);
  return Object.fromEntries(node.entries.map(({ key, value, line }) => {
    if (value.kind !== 'mapping') refuse('rules.wrong_type', `the alias '${key}' must map rules to fields, not be ${describeNode(value)}`, { line });
    const fields = value.entries.map((entry) => {
      const field = textOf(entry.value);
      if (field === undefined) refuse('rules.wrong_type', `the alias '${key}' needs a field name for '${entry.key}'`, entry.value);
      return [references.resolve(entry.key, { kind: 'scalar', line: entry.line, text: entry.key, value: entry.key }), field] as const;
    });
    return [key, Object.fromEntries(fields)];
  }));
}

function readTimespan(section: RuleMapping): number {
  const node = section.get('timespan');
  const text = textOf(node)?.trim();
  if (text === undefined) refuse('rules.missing_key', "'correlation.timespan' is missing, such as 10m", node ?? section);
  const [, count, unit] = /^(\d+)([a-zA-Z])$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : UNIT_MS[unit];
  if (count === undefined || factor === undefined) {
    refuse('rules.correlation_invalid', `'timespan' is a whole number and one of s, m, h, d, w, M (months), y, such as 90m, not '${text}'`, node);
  }
  const timespan = Number(count) * factor;
  if (timespan <= 0 || !Number.isSafeInteger(timespan)) refuse('rules.correlation_invalid', `'timespan' ${text} is out of range`, node);
  return timespan;
}

function readGenerate(node: RuleNode | undefined): boolean {
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return false;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  refuse('rules.wrong_type', `'generate' is true or false, not ${describeNode(node)}`, node);
}

function readCondition(section: RuleMapping, type: CorrelationType, references: References): ThresholdCondition | BooleanCondition {
  const node = section.get('condition');
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) {
    if (!temporal) refuse('rules.missing_key', `${type} needs a 'condition', such as gte: 5`, node ?? section);
    return { kind: 'threshold', bounds: [{ operator: 'gte', value: references.ids.length }], fields: [] };
  }
  if (node.kind === 'mapping') return readThreshold(node, type, references.ids.length);
  const text = textOf(node);
  if (text === undefined) refuse('rules.wrong_type', `'condition' must be a mapping, not ${describeNode(node)}`, node);
  if (type !== 'temporal') refuse('rules.correlation_invalid', `a condition over rule names, as '${text}', is for the type temporal; ${type} takes a threshold such as gte: 5`, node);
  const expression = toExpression(parseCondition(text, node), references, node);
  if (holdsWithoutAny(expression)) refuse('rules.correlation_invalid', `the condition '${text}' holds where no rule matches; join it by and with a rule that must occur`, node);
  checkClauses(expression, references, node);
  return { kind: 'boolean', expression };
}

function checkClauses(expression: RuleExpression, references: References, at: RuleNode): void {
  try {
    const clauses = toClauses(expression, (rule) => references.ids.indexOf(rule));
    if (clauses.length === 0) refuse('rules.correlation_invalid', "'condition' can never hold: it asks for a rule and for its absence", at);
  } catch (error) {
    if (error instanceof RangeError) refuse('rules.correlation_invalid', error.message, at);
    throw error;
  }
}

function readThreshold(node: RuleMapping, type: CorrelationType, ruleCount: number): ThresholdCondition {
  checkKeys(node, [...OPERATORS, 'field', 'percentile'], "'condition'");
  const bounds = OPERATORS.flatMap((operator) => {
    const value = node.get(operator);
    return value === undefined ? [] : [{ operator, value: readNumber(value, `'condition.${operator}'`) }];
  });
  if (bounds.length === 0) refuse('rules.missing_key', `'condition' needs a bound: one of ${OPERATORS.join(', ')}`, node);
  if (isContradictory(bounds)) refuse('rules.correlation_invalid', "no value meets all bounds of 'condition'", node);
  const least = Math.max(...bounds.map(({ operator, value }) => (operator === 'gt' ? value + 1 : operator === 'gte' || operator === 'eq' ? value : 0)));
  if (type.startsWith('temporal') && least > ruleCount) refuse('rules.correlation_invalid', `'condition' asks for more rules than the ${ruleCount} of 'correlation.rules'`, node);
  const fields = readNames(node.get('field'), "'condition.field'");
  const takesField = type.startsWith('value_');
  if (takesField && fields.length === 0) refuse('rules.missing_key', `${type} needs 'condition.field'`, node);
  if (!takesField && fields.length > 0) refuse('rules.correlation_invalid', `${type} takes no 'condition.field'; value_count counts distinct values of a field`, node.get('field'));
  if (fields.length > 1 && type !== 'value_count') refuse('rules.correlation_invalid', `${type} takes one field; only value_count takes several`, node.get('field'));
  const percentile = readPercentile(node, type);
  return { kind: 'threshold', bounds, fields, ...(percentile !== undefined && { percentile }) };
}

function readPercentile(node: RuleMapping, type: CorrelationType): number | undefined {
  const value = node.get('percentile');
  if (type !== 'value_percentile') {
    if (value !== undefined) refuse('rules.correlation_invalid', `'percentile' is for value_percentile, not for ${type}`, value);
    return undefined;
  }
  if (value === undefined) refuse('rules.missing_key', "value_percentile needs 'condition.percentile', a number from 0 to 100, whose value is compared with the bounds", node);
  const percentile = readNumber(value, "'condition.percentile'");
  if (percentile < 0 || percentile > 100) refuse('rules.correlation_invalid', `'condition.percentile' is a number from 0 to 100, not ${percentile}`, value);
  return percentile;
}

function readNumber(node: RuleNode, where: string): number {
  const text = textOf(node)?.trim() ?? '';
  const number = node.kind === 'scalar' && typeof node.value === 'number' ? node.value : text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(number)) refuse('rules.wrong_type', `${where} must be a number, not ${describeNode(node)}`, node);
  return number;
}

function isContradictory(bounds: ThresholdCondition['bounds']): boolean {
  const lower = bounds.filter(({ operator }) => operator === 'gt' || operator === 'gte' || operator === 'eq');
  const upper = bounds.filter(({ operator }) => operator === 'lt' || operator === 'lte' || operator === 'eq');
  return lower.some((low) => upper.some((high) => low.value > high.value || (low.value === high.value && (low.operator === 'gt' || high.operator === 'lt'))));
}

function toExpression(condition: Condition, references: References, at: RuleNode): RuleExpression {
  switch (condition.kind) {
    case 'selection': return { kind: 'rule', rule: references.resolve(condition.name, at) };
    case 'not': return { kind: 'not', operand: toExpression(condition.operand, references, at) };
    case 'selector': return selected(condition.quantity, condition.pattern, references, at);
    default: return { kind: condition.kind, operands: condition.operands.map((operand) => toExpression(operand, references, at)) };
  }
}

function selected(quantity: 'any' | 'all', pattern: string, references: References, at: RuleNode): RuleExpression {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  const matcher = pattern === 'them' ? /^(?!_)/ : new RegExp(`^${parts.join('.*')}$`);
  const operands = [...references.words].filter(([word]) => matcher.test(word)).map(([, rule]): RuleExpression => ({ kind: 'rule', rule }));
  const [first] = operands;
  if (first === undefined) refuse('rules.selector_matches_nothing', `'${pattern}' fits none of 'correlation.rules'`, at);
  return operands.length === 1 ? first : { kind: quantity === 'all' ? 'and' : 'or', operands };
}

/** Whether the expression is true of a window without any hit: then there is no event at which it could be decided. */
function holdsWithoutAny(expression: RuleExpression): boolean {
  switch (expression.kind) {
    case 'rule': return false;
    case 'not': return !holdsWithoutAny(expression.operand);
    case 'and': return expression.operands.every(holdsWithoutAny);
    case 'or': return expression.operands.some(holdsWithoutAny);
  }
}
