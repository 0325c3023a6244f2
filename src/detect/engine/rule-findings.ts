import { CordonError } from '../../kernel/index.js';
import type { RuleNode } from './rule-document.js';
import { ruleErrors } from './rule.errors.js';

export type RuleErrorCode = keyof typeof ruleErrors.catalogue;

/** What is odd but harmless: the document is loaded and means what it says. */
export const ruleWarnings = {
  'rules.metadata': 'A metadata key is missing or not as the specification asks',
  'rules.id_not_uuid': 'The id is no UUID',
  'rules.null_in_list': 'null stands in a list of values',
  'rules.single_all': 'The modifier all stands on a single value',
  'rules.unused_selection': 'A selection is not used by the condition',
  'rules.unexpanded_placeholder': 'A value looks like a placeholder but the field has no expand modifier',
  'rules.filter_without_rule': 'The filter applies to no loaded rule',
} as const;

export type RuleWarningCode = keyof typeof ruleWarnings;

export interface RuleWarning {
  readonly code: RuleWarningCode;
  readonly message: string;
  /** 1-based line in the file. */
  readonly line?: number;
}

/** Where a parser leaves what is odd but harmless. */
export type Warn = (code: RuleWarningCode, detail: string, at?: Pick<RuleNode, 'line'>) => void;

/** Refuses the document: throws a catalogue error whose text begins with the line, and whose `extra.line` holds it. */
export function refuse(code: RuleErrorCode, detail: string, at?: Pick<RuleNode, 'line'>): never {
  throw ruleErrors.create(code, at ? { detail: `line ${at.line}: ${detail}`, extra: { line: at.line } } : { detail });
}

/** Whether an error refuses a rule document (and is no defect of the program). */
export function isRefusal(error: unknown): error is CordonError {
  return error instanceof CordonError && error.code in ruleErrors.catalogue;
}
