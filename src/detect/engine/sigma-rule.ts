import type { Expression } from './expression.js';
import type { RuleMetadata } from './rule-metadata.js';

/** Where events come from. Absent members are not stated. */
export interface Logsource {
  readonly product?: string;
  readonly category?: string;
  readonly service?: string;
}

/** A rule over single events. */
export interface SigmaRule extends RuleMetadata {
  readonly kind: 'rule';
  readonly logsource: Logsource;
  readonly expression: Expression;
  /** Ids of the filters that are part of `expression`. */
  readonly filters: readonly string[];
}

/** A condition that is added to rules of others. */
export interface SigmaFilter extends RuleMetadata {
  readonly kind: 'filter';
  readonly logsource: Logsource;
  readonly expression: Expression;
  /** References by id, name or title, each with its line; `any` stands for every rule that the logsource covers. */
  readonly rules: 'any' | readonly { readonly reference: string; readonly line: number }[];
}

/** Whether a logsource names the same or more events than another: all that `wide` states, `narrow` states too. */
export function covers(wide: Logsource, narrow: Logsource): boolean {
  return (wide.product === undefined || wide.product === narrow.product)
    && (wide.category === undefined || wide.category === narrow.category)
    && (wide.service === undefined || wide.service === narrow.service);
}
