import { CelFailure } from './cel-failure.js';

/** Units that one evaluation may spend: about one a node visited, an element made or 64 characters handled. */
const UNITS = 100_000;
/** Characters of one text. */
export const MAX_TEXT = 1_000_000;

/** Bounds one evaluation in time and in memory. */
export class Budget {
  private left = UNITS;

  /** @throws CelFailure when the evaluation has cost too much */
  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw new CelFailure(`the evaluation costs more than ${UNITS} steps`);
  }

  spendText(characters: number): void {
    if (characters > MAX_TEXT) throw new CelFailure(`the text is longer than ${MAX_TEXT} characters`);
    this.spend(Math.ceil(characters / 64));
  }
}
