import type { JsonObject } from './json.js';

/** One document for a SIEM: ECS, with an id that stays the same however often it is sent. */
export interface SinkDocument {
  readonly id: string;
  /** `cordon.signal`, `cordon.incident`, `cordon.event`, …: picks data stream, source type or index. */
  readonly dataset: string;
  readonly doc: JsonObject;
}

/**
 * What a sink made of one document. `duplicate`: it has it already. `retry`: refused for now; `suspect` where the document
 * itself may be why. `rejected`: it will never take this one; the others are not held up by it.
 */
export type Delivery =
  | { readonly status: 'accepted' | 'duplicate' }
  | { readonly status: 'retry'; readonly reason: string; readonly suspect?: boolean }
  | { readonly status: 'rejected'; readonly reason: string };

/** A system that documents are forwarded to, bound to its configuration. */
export interface Sink {
  /** Id of its connector. */
  readonly id: string;
  /** Most documents and about the most bytes (as JSON text) of one request. */
  readonly maxDocuments: number;
  readonly maxBytes: number;
  /**
   * Makes ready what the target needs, such as an index template; safe to repeat.
   * @throws SinkFailure
   */
  prepare(signal: AbortSignal): Promise<void>;
  /**
   * Sends documents in one request and says of each what became of it, in their order.
   * @throws SinkFailure for the request as a whole
   */
  send(documents: readonly SinkDocument[], signal: AbortSignal): Promise<readonly Delivery[]>;
  /** Ends connections. */
  close(): Promise<void>;
}

/** Why a whole request came to nothing. `refused`: the target answered and will answer so until somebody changes something. */
export class SinkFailure extends Error {
  override readonly name = 'SinkFailure';

  constructor(
    readonly kind: 'unavailable' | 'refused' | 'too_large',
    /** For people: names the target's answer, never a secret. */
    message: string,
    /** `suspect`: a single document of the request may be why. */
    readonly options: { readonly retryAfterMs?: number; readonly suspect?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}
