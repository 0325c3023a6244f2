import type { ApprovalFactBodies } from './approval.js';
import type { BreachFactBodies } from './breach.js';
import type { IncidentFactBodies } from './incident.js';
import type { JsonObject } from './json.js';
import type { RunFactBodies } from './run.js';
import type { Level, SignalEntity } from './signal.js';
import type { Tx } from './tx.js';

/**
 * Facts: rows of one append-only log of what happened, written in the transaction of the change they state and read by
 * cursor. The map gives the body of each type; a module that states something new adds its line here.
 */
export interface FactBodies extends IncidentFactBodies, ApprovalFactBodies, BreachFactBodies, RunFactBodies {
  'signal.fired': {
    signalId: string;
    ruleId: string;
    ruleTitle: string;
    level: Level;
    tags: string[];
    group: Record<string, string>;
    eventIds: string[];
    /** Event time of the first and the last contributing event, ISO 8601. */
    first: string;
    last: string;
    /** Whom and what the group and the cited events name. */
    entities: SignalEntity[];
    /** Configured sources of the cited events. */
    sources: string[];
    /** Words by which the cited events class the data concerned, such as a DLP label. */
    dataClasses: string[];
  };
  'pipeline_error.raised': { recordId: string; stream: string; code: string };
  'pipeline_error.replayed': { recordId: string; newRecordId: string };
  /** `scope`: `all`, a class of actions or the id of one. `by` as the actor of an audit entry. */
  'governor.kill_switch': { on: boolean; scope: string; reason: string; by: string };
}

export type FactType = keyof FactBodies;

export interface NewFact<T extends FactType = FactType> {
  readonly type: T;
  /** What the fact is about, e.g. `signal:<id>`. */
  readonly subject: string;
  readonly body: FactBodies[T] & JsonObject;
}

export interface Fact extends NewFact {
  readonly id: string;
  /** Position in the fact log; commit order for readers through the fence. */
  readonly position: number;
  readonly at: Date;
}

export interface FactSink {
  append(tx: Tx, facts: readonly NewFact[]): Promise<void>;
}

export interface FactReader {
  /** Facts after `cursor`, in order, never past a fact that is not yet committed (fence of the fact log). */
  read(cursor: number, limit: number): Promise<{ facts: Fact[]; cursor: number }>;
}

export const FACT_SINK = Symbol('FactSink');
export const FACT_READER = Symbol('FactReader');
