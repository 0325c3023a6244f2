import type { Verdict } from './governor.js';

/** What one judgement says. The verdict is the strictest of them, so a further one never makes it laxer. */
export interface Opinion {
  readonly decision: 'ask' | 'refuse';
  /** A sentence for people, without a full stop. */
  readonly reason: string;
  /** Whether somebody is to be paged when it decides over what would have gone by itself. */
  readonly page?: boolean;
}

export const STRICTNESS: Readonly<Record<Verdict['decision'], number>> = { go: 0, ask: 1, refuse: 2 };
