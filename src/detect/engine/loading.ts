import type { RuleDocument } from './rule-document.js';

/** A document on its way from source to rule. */
export interface Loading<T> {
  readonly source: RuleDocument;
  readonly parsed: T;
}

/** Runs work for a document; where it is refused, records that and gives nothing. */
export type Attempt = <T>(source: RuleDocument, work: () => T) => T[];
