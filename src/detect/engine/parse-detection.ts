import { closest } from 'fastest-levenshtein';
import { parseCondition, type Condition } from './condition.js';
import { combine, type DetectionItem, type Expression } from './expression.js';
import { conditionsOf, hasAggregation, refuseAggregation } from './legacy-aggregation.js';
import { parseModifierChain } from './modifier-chain.js';
import { compilePattern, type PatternPart } from './pattern.js';
import { parseValue, type ParseContext } from './parse-values.js';
import { describeNode, type RuleDocument, type RuleEntry, type RuleMapping, type RuleNode } from './rule-document.js';
import { refuse } from './rule-findings.js';
import { anyOf } from './value-test.js';

/** Keys of a section that are not selections; `timeframe` belongs to the old aggregation syntax. */
const RESERVED = ['condition', 'timeframe', 'rules'];

/**
 * Parses the `detection` section of a rule or the `filter` section of a filter: mappings are ANDed, lists ORed, several
 * conditions ORed.
 */
export function parseDetection(document: RuleDocument, section: 'detection' | 'filter', context: ParseContext): Expression {
  const node = document.root.get(section);
  if (node?.kind !== 'mapping') refuse('rules.wrong_type', `'${section}' takes a mapping of selections, not ${describeNode(node)}`, node ?? document.root);
  refuseRepeated(node);
  const conditions = conditionsOf(node.get('condition'));
  if (conditions.length === 0) refuse('rules.missing_key', `'${section}.condition' is missing`, node);
  const selections = new Map(node.entries
    .filter(({ key }) => !RESERVED.includes(key) || (key === 'rules' && section === 'detection'))
    .map((entry) => [entry.key, parseSelection(entry.key, entry.value, context)]));
  if (selections.size === 0) refuse('rules.missing_key', `'${section}' has no selection`, node);
  const used = new Set<string>();
  const alternatives = conditions.map(({ text, line }) => {
    if (hasAggregation(text)) refuseAggregation(document, text, { line });
    return new ConditionResolver(selections, used, text, line).resolve(parseCondition(text, { line }));
  });
  for (const { key, line } of node.entries) {
    if (selections.has(key) && !used.has(key) && !key.startsWith('_')) context.warn('rules.unused_selection', `'${key}'`, { line });
  }
  return combine('or', alternatives);
}

/** A mapping is an AND over its fields, a list an OR over its elements, a plain value a keyword. */
function parseSelection(name: string, node: RuleNode, context: ParseContext): Expression {
  if (node.kind === 'mapping') {
    refuseRepeated(node);
    if (node.entries.length === 0) refuse('rules.wrong_type', `the selection '${name}' is empty`, node);
    return combine('and', node.entries.map((entry) => ({ kind: 'item', item: parseItem(entry, context) })));
  }
  if (node.kind === 'scalar') return { kind: 'item', item: parseItem({ key: '', line: node.line, value: node }, context) };
  if (node.items.length === 0) refuse('rules.wrong_type', `the selection '${name}' is an empty list`, node);
  return combine('or', node.items.map((item) => parseSelection(name, item, context)));
}

function parseItem({ key, line, value }: RuleEntry, context: ParseContext): DetectionItem {
  const chain = parseModifierChain(key, { line });
  const nodes = value.kind === 'sequence' ? value.items : [value];
  if (nodes.length === 0) refuse('rules.wrong_type', `'${key}' has an empty list, which never matches`, value);
  if (chain.kind === 'exists' && nodes.length > 1) refuse('rules.modifier_value', `'${key}' takes one value`, value);
  if (chain.all && nodes.length === 1 && !chain.expand) context.warn('rules.single_all', `'${key}'`, { line });
  const values = nodes.map((node) => {
    if (node.kind !== 'scalar') refuse('rules.wrong_type', `'${key}' takes a value or a list of values, not ${describeNode(node)} in it`, node);
    if (node.value === null && nodes.length > 1) context.warn('rules.null_in_list', `'${key}'`, node);
    return { node, tests: parseValue(key, chain, node, context) };
  });
  return {
    field: chain.field,
    quantity: chain.all ? 'all' : 'any',
    negated: chain.negated,
    tests: values.flatMap(({ node, tests }) => {
      const [first] = tests;
      return chain.all && tests.length > 1 && first !== undefined ? [anyOf(tests, first.operator, node.text)] : tests;
    }),
  };
}

function refuseRepeated(mapping: RuleMapping): void {
  const seen = new Map<string, number>();
  for (const { key, line } of mapping.entries) {
    const before = seen.get(key);
    if (before !== undefined) refuse('rules.duplicate_key', `'${key}' stands on line ${before} already`, { line });
    seen.set(key, line);
  }
}

/** Puts selections in the place of their names. */
class ConditionResolver {
  constructor(
    private readonly selections: ReadonlyMap<string, Expression>,
    private readonly used: Set<string>,
    private readonly source: string,
    readonly line: number,
  ) {}

  resolve(condition: Condition): Expression {
    switch (condition.kind) {
      case 'selection': return this.selection(condition.name);
      case 'selector': return combine(condition.quantity === 'all' ? 'and' : 'or', this.select(condition.pattern));
      case 'not': return { kind: 'not', operand: this.resolve(condition.operand) };
      default: return combine(condition.kind, condition.operands.map((operand) => this.resolve(operand)));
    }
  }

  private selection(name: string): Expression {
    const selection = this.selections.get(name);
    if (selection === undefined) {
      refuse('rules.unknown_selection', `'${name}' in condition '${this.source}'; the nearest one is '${closest(name, [...this.selections.keys()])}'`, this);
    }
    this.used.add(name);
    return selection;
  }

  private select(pattern: string): readonly Expression[] {
    const names = [...this.selections.keys()].filter(pattern === 'them' ? (name) => !name.startsWith('_') : nameTest(pattern));
    if (names.length === 0) refuse('rules.selector_matches_nothing', `'${pattern}' in condition '${this.source}'`, this);
    return names.map((name) => this.selection(name));
  }
}

/** `*` is the one wildcard of a selector. */
function nameTest(pattern: string): (name: string) => boolean {
  const parts = pattern.split(/(\*)/).filter((text) => text !== '').map((text): PatternPart => (text === '*' ? { kind: 'any' } : { kind: 'text', text }));
  const compiled = compilePattern(parts, true);
  return (name) => compiled.test(name);
}
