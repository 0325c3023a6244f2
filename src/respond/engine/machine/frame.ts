import type { JsonObject } from '../../../kernel/index.js';
import type { Scope } from '../expression.js';

/**
 * What the functions of a machine read, carried as the one member of XState's context. The members are private: XState
 * walks its context when it restores a snapshot and takes JSON of a certain look for a reference to an actor.
 */
export class Frame {
  readonly #context: JsonObject;
  readonly #params: JsonObject;
  readonly #at: Date;

  constructor(context: JsonObject, params: JsonObject, at: Date) {
    this.#context = context;
    this.#params = params;
    this.#at = at;
  }

  get context(): JsonObject {
    return this.#context;
  }

  get at(): Date {
    return this.#at;
  }

  withContext(context: JsonObject): Frame {
    return new Frame(context, this.#params, this.#at);
  }

  /** What an expression may read on an event; events that XState raises by itself have no body. */
  scope(event: MachineEvent): Scope {
    const body = event.type === 'xstate.init' ? event.input?.event : event.body;
    return { context: this.#context, params: this.#params, now: this.#at, ...(body ? { event: body } : {}) };
  }
}

export interface MachineContext {
  readonly frame: Frame;
}

/** An event as XState sees it. `body` is what expressions see as `event`. */
export interface MachineEvent {
  readonly type: string;
  readonly body?: JsonObject;
  /** Of `xstate.init`. */
  readonly input?: MachineInput;
}

export interface MachineInput {
  readonly frame: Frame;
  /** What started the run. */
  readonly event: JsonObject;
}
