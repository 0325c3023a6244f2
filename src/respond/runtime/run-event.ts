import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../kernel/index.js';
import { toJson } from '../../platform/index.js';
import type { PlaybookEvent, StepInput } from '../engine/compiled-playbook.js';

/** What the log of a run holds: its start, what the machine was given, and what people did to the run itself. */
export type RunEventBody =
  | { readonly kind: 'start'; readonly event: PlaybookEvent; readonly params: JsonObject }
  | StepInput
  | { readonly kind: 'command'; readonly command: string; readonly detail: JsonObject };

/** One entry of a run's log. Entries are chained: each hash covers the one before it. */
export interface RunEvent {
  readonly runId: string;
  readonly seq: number;
  readonly at: Date;
  readonly kind: RunEventBody['kind'];
  /** JSON text. The hash is over these bytes. */
  readonly body: string;
  /** `key:<id>`, `person:<id>`, `system:<component>`. */
  readonly actor: string;
  /** Whether the machine took a transition. */
  readonly changed: boolean;
  /** State of the machine afterwards. */
  readonly value: JsonValue;
  readonly hash: string;
}

/** Head of the chain of a run that has no event yet. */
export const NO_HASH = '';

export function chained(previous: string, event: Omit<RunEvent, 'hash' | 'body' | 'kind'>, body: RunEventBody): RunEvent {
  const text = toJson(body);
  return { ...event, kind: body.kind, body: text, hash: eventHash(previous, { ...event, body: text }) };
}

/** sha256 over the members in a fixed order, each preceded by its length, hex. */
export function eventHash(previous: string, { runId, seq, at, actor, body }: Pick<RunEvent, 'runId' | 'seq' | 'at' | 'actor' | 'body'>): string {
  const hash = createHash('sha256');
  for (const part of [previous, runId, String(seq), at.toISOString(), actor, body]) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex');
}
