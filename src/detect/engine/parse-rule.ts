import { parseDetection } from './parse-detection.js';
import type { ParseContext } from './parse-values.js';
import { describeNode, listOf, textOf, type RuleDocument } from './rule-document.js';
import { refuse } from './rule-findings.js';
import { readMetadata } from './rule-metadata.js';
import type { Logsource, SigmaFilter, SigmaRule } from './sigma-rule.js';

export function parseRule(document: RuleDocument, context: ParseContext): SigmaRule {
  const metadata = readMetadata(document, context.warn);
  return { kind: 'rule', ...metadata, logsource: readLogsource(document), expression: parseDetection(document, 'detection', context), filters: [] };
}

/**
 * A filter's condition is ANDed with the rule as it is written (the way of pySigma), so filters that take something
 * out say `condition: not selection`.
 */
export function parseFilter(document: RuleDocument, context: ParseContext): SigmaFilter {
  const metadata = readMetadata(document, context.warn);
  const section = document.root.get('filter');
  const rules = section?.kind === 'mapping' ? section.get('rules') : undefined;
  const references = listOf(rules).map((node) => {
    const reference = textOf(node);
    if (reference === undefined) refuse('rules.wrong_type', `'filter.rules' takes ids, names or any, not ${describeNode(node)}`, node);
    return { reference, line: node.line };
  });
  if (references.length === 0) refuse('rules.missing_key', "'filter.rules' is missing", section ?? document.root);
  const any = references.some(({ reference }) => reference === 'any');
  return { kind: 'filter', ...metadata, logsource: readLogsource(document), expression: parseDetection(document, 'filter', context), rules: any ? 'any' : references };
}

/** Names of logsources are compared in lower case. */
function readLogsource({ root }: RuleDocument): Logsource {
  const node = root.get('logsource');
  if (node === undefined) refuse('rules.missing_key', "'logsource' is missing", root);
  if (node.kind !== 'mapping') refuse('rules.wrong_type', `'logsource' takes a mapping with product, category or service, not ${describeNode(node)}`, node);
  const member = (key: keyof Logsource): Logsource => {
    const value = node.get(key);
    if (value !== undefined && value.kind !== 'scalar') refuse('rules.wrong_type', `'logsource.${key}' takes text, not ${describeNode(value)}`, value);
    const text = textOf(value)?.trim().toLowerCase();
    return text === undefined || text === '' ? {} : { [key]: text };
  };
  const logsource = { ...member('product'), ...member('category'), ...member('service') };
  if (Object.keys(logsource).length === 0) refuse('rules.missing_key', "'logsource' states no product, category or service", node);
  return logsource;
}
