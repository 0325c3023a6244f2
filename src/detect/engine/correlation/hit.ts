import type { Signal } from '../../../kernel/index.js';
import type { Entry } from './timeline.js';

/** An event, or the firing of another correlation, that matched rules a correlation refers to. */
export interface Hit {
  readonly id: string;
  readonly position: number;
  /** Event time. */
  readonly time: number;
  readonly source: string;
  /** Whether it is older than the newest event of its source. */
  readonly late: boolean;
  readonly cites?: Entry['cites'];
  /** Values of a field; none where it is missing. */
  values(field: string): readonly (string | number | boolean)[];
}

/** What a rule gives out for a window that meets its condition. */
export interface Firing {
  readonly signal: Signal;
  /** Whether it alerts; otherwise it only goes on with an alert already given, which correlations that refer to it still see. */
  readonly alerts: boolean;
  readonly source: string;
}

