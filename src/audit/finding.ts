/** What is wrong with the first entry that is not as it was sealed. */
export type FindingKind = 'changed' | 'missing' | 'inserted' | 'reordered' | 'truncated' | 'rewritten' | 'checkpoint';

export interface Finding {
  readonly kind: FindingKind;
  /** Number of the entry; null where it is outside the chain. */
  readonly seq: number | null;
  /** Id of its row; null where nothing is left that names it. */
  readonly id: string | null;
  /** One sentence for a person. */
  readonly detail: string;
}
