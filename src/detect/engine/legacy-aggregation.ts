import { refuse } from './rule-findings.js';
import { listOf, textOf, type RuleDocument, type RuleNode } from './rule-document.js';

const COMPARISONS: Readonly<Record<string, string>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte', '=': 'eq', '==': 'eq' };
const TYPES: Readonly<Record<string, string>> = { sum: 'value_sum', avg: 'value_avg', median: 'value_median' };

/**
 * Refuses `selection | count() by field > 5` and `selection | near other`, which Sigma 2 replaced by correlations, and
 * shows the correlation that takes their place. A rule without its aggregation would fire on every event.
 */
export function refuseAggregation(document: RuleDocument, condition: string, at: Pick<RuleNode, 'line'>): never {
  const bar = condition.indexOf('|');
  const base = condition.slice(0, bar).trim();
  const aggregation = condition.slice(bar + 1).trim();
  refuse('rules.aggregation_in_condition', `'| ${aggregation}'. ${replacement(document, base, aggregation)}`, at);
}

function replacement({ root }: RuleDocument, base: string, aggregation: string): string {
  const reference = textOf(root.get('name')) ?? textOf(root.get('id')) ?? 'name_of_this_rule';
  const title = textOf(root.get('title')) ?? 'the rule';
  const detection = root.get('detection');
  const timespan = (detection?.kind === 'mapping' ? textOf(detection.get('timeframe')) : undefined) ?? '5m';
  const lines = correlation(aggregation, reference, timespan);
  if (lines === undefined) return 'It has no counterpart in Sigma correlations; write the rule anew as a correlation of type event_count, value_count or temporal.';
  return [
    `Write 'condition: ${base}' and add, behind a line ---, the document:`,
    `title: ${quote(`${title} (correlation)`)}`, 'correlation:', ...lines.map((line) => `  ${line}`), `level: ${textOf(root.get('level')) ?? 'medium'}`,
  ].join('\n');
}

function correlation(aggregation: string, reference: string, timespan: string): string[] | undefined {
  const near = /^near\s+(.+)$/i.exec(aggregation);
  if (near) {
    const others = (near[1] ?? '').split(/\s+(?:and|or)\s+/).map((name) => name.replace(/[()]/g, '').trim());
    return ['type: temporal', 'rules:', ...[reference, ...others].map((name) => `  - ${quote(name)} # a rule of its own, by name or id`), `timespan: ${timespan}`];
  }
  const parsed = /^(\w+)\s*\(\s*([^)]*?)\s*\)\s*(?:by\s+(.+?))?\s*(>=|<=|==|>|<|=)\s*([\d.]+)$/i.exec(aggregation);
  if (!parsed) return undefined;
  const [, functionName = '', field = '', groupBy = '', comparison = '', limit = ''] = parsed;
  const name = functionName.toLowerCase();
  const type = name === 'count' ? (field === '' ? 'event_count' : 'value_count') : TYPES[name];
  const operator = COMPARISONS[comparison];
  if (type === undefined || operator === undefined) return undefined;
  const groups = groupBy.split(',').map((group) => group.trim()).filter((group) => group !== '');
  return [
    `type: ${type}`, 'rules:', `  - ${quote(reference)}`,
    ...(groups.length > 0 ? ['group-by:', ...groups.map((group) => `  - ${quote(group)}`)] : []),
    `timespan: ${timespan}`, 'condition:', `  ${operator}: ${limit}`, ...(field === '' ? [] : [`  field: ${quote(field)}`]),
  ];
}

function quote(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : JSON.stringify(text);
}

/** Whether the text of a condition holds an aggregation. */
export function hasAggregation(condition: string): boolean {
  return condition.includes('|');
}

/** The conditions of a detection or filter section as text, each with its line. */
export function conditionsOf(node: RuleNode | undefined): readonly { readonly text: string; readonly line: number }[] {
  return listOf(node).map((item) => {
    const text = textOf(item);
    if (text === undefined) refuse('rules.wrong_type', "'condition' takes text or a list of texts", item);
    return { text, line: item.line };
  });
}
