import type { RuleNode } from './rule-document.js';

/**
 * Finds the loaded rule or correlation that a reference means (by id, name or title, in this order) and gives its id.
 * Refuses the document at the line of `at` when there is none, or when a name or title fits several.
 */
export type ResolveReference = (reference: string, at: Pick<RuleNode, 'line'>) => string;
