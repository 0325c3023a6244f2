import type { JsonObject } from '../../../kernel/index.js';

/** What the correlation engine needs of a normalised event. Times are ms since the epoch. */
export interface EngineEvent {
  readonly id: string;
  /** Log position; positions of successive events increase. */
  readonly position: number;
  /** The source whose clock and delivery delay the event shares; each source has its own watermark. */
  readonly source: string;
  /** Event time. */
  readonly time: number;
  /** When the log took the event in: drives idle sources and the bound on future timestamps. */
  readonly receivedAt: number;
  readonly document: JsonObject;
}
