import { z } from 'zod';
import type { JsonObject } from '../../kernel/index.js';
import { respondErrors } from '../respond.errors.js';
import type { RunDetail, RunSummary } from './run-reader.js';
import { RUN_STATUSES, type RunStatus } from './run.js';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;
const MAX_TEXT = 10_000;

const listQuery = z.strictObject({
  status: z.enum(RUN_STATUSES).optional(),
  playbook: z.string().min(1).optional(),
  incident: z.uuid().optional(),
  after: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

const data = z.record(z.string(), z.json()).default({});
const reason = z.string().trim().min(1).max(MAX_TEXT);
const startBody = z.strictObject({ playbook: z.string().min(1), key: z.string().min(1).max(200).optional(), incident: z.uuid().optional(), data });
const cancelBody = z.strictObject({ undo: z.enum(['all', 'none', 'ask']).default('none'), reason });
const reasonBody = z.strictObject({ reason });
const undoBody = z.strictObject({ scope: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('all'), reason });
const eventBody = z.strictObject({ type: z.string().min(1).max(200), data });

export interface RunQuery {
  readonly status: RunStatus | undefined;
  readonly playbook: string | undefined;
  readonly incident: string | undefined;
  readonly after: RunMark | undefined;
  readonly limit: number;
}

/** Place of the last row of a page: the next page starts behind it. */
export interface RunMark {
  readonly startedAt: Date;
  readonly id: string;
}

/** Query of GET /v1/runs. @throws CordonError `respond.request_invalid`, naming the parameter */
export function parseRunQuery(query: unknown): RunQuery {
  const { status, playbook, incident, after, limit } = read(listQuery, query);
  return { status, playbook, incident, limit, after: after === undefined ? undefined : decodeMark(after) };
}

// Bodies of POST /v1/runs…; each throws CordonError `respond.request_invalid`, naming the member.
export const parseStart = (body: unknown) => read(startBody, body ?? {});
export const parseCancel = (body: unknown) => read(cancelBody, body ?? {});
export const parseReason = (body: unknown) => read(reasonBody, body ?? {});
export const parseUndo = (body: unknown) => read(undoBody, body ?? {});

const MANUAL = /^manual\.[A-Za-z][\w-]*$/;

/** An event that may come from outside: all others are the product's own, and a completion sent by hand would forge one. @throws respond.event_refused */
export function parseEvent(body: unknown): { type: string; data: JsonObject } {
  const event = read(eventBody, body ?? {});
  if (!MANUAL.test(event.type)) throw respondErrors.create('respond.event_refused', { field: 'type', detail: `type: ${event.type.slice(0, 80)} is not manual.<name>` });
  return event;
}

export const encodeMark = ({ startedAt, id }: RunMark): string => Buffer.from(`${startedAt.getTime()}.${id}`).toString('base64url');

const MARK = /^(\d{1,15})\.([0-9a-f-]{36})$/;

function decodeMark(mark: string): RunMark {
  const match = MARK.exec(Buffer.from(mark, 'base64url').toString('utf8'));
  if (!match?.[1] || !match[2]) throw invalid('after', 'is not the `next` of an earlier page');
  return { startedAt: new Date(Number(match[1])), id: match[2] };
}

function read<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  throw invalid(field, issue?.message ?? 'cannot be used');
}

const invalid = (field: string, why: string) => respondErrors.create('respond.request_invalid', { field, detail: field ? `${field}: ${why}` : why });

/** A run as the API gives it: snake case, ISO times. */
export function toRunResponse(run: RunSummary) {
  return {
    id: run.id,
    playbook: { id: run.playbook_id, version: run.version, hash: run.playbook_hash },
    incident: run.incident_id,
    episode: run.episode,
    requested_by: run.requested_by,
    status: run.status,
    outcome: run.outcome,
    state: run.value,
    events: run.seq,
    contained_at: run.contained_at?.toISOString() ?? null,
    started_at: run.started_at.toISOString(),
    updated_at: run.updated_at.toISOString(),
    finished_at: run.finished_at?.toISOString() ?? null,
  };
}

export function toRunDetailResponse({ run, events, effects, timers, deadLetters }: RunDetail) {
  return {
    ...toRunResponse(run),
    params: run.params,
    trigger: run.trigger,
    awaits: { invokes: Object.keys(run.awaits.invokes), timers: Object.keys(run.awaits.timers) },
    approvals: run.approvals,
    containing: run.containing,
    log: events.map(({ body, at, ...event }) => ({ ...event, at: at.toISOString(), body: JSON.parse(body) as JsonObject })),
    effects: effects.map((effect) => ({
      id: effect.id,
      event: effect.seq,
      kind: effect.kind,
      invoke: effect.invoke_id,
      action: effect.action,
      input: effect.input,
      class: effect.effect_class,
      destructive: effect.destructive,
      status: effect.status,
      left: effect.detached,
      verdict: effect.verdict,
      approved: effect.approved,
      output: effect.output,
      error: effect.error,
      undoable: effect.undo_input !== null && effect.undone_at === null,
      undoes: effect.undoes,
      undone_at: effect.undone_at?.toISOString() ?? null,
      created_at: effect.created_at.toISOString(),
      settled_at: effect.settled_at?.toISOString() ?? null,
      attempts: effect.tried,
    })),
    timers: timers.map(({ timer_id: id, due, clock, held }) => ({ id, due: due.toISOString(), clock, held })),
    dead_letters: deadLetters.map(({ at, ...letter }) => ({ ...letter, at: at.toISOString() })),
  };
}

export type RunResponse = ReturnType<typeof toRunResponse>;
export type RunDetailResponse = ReturnType<typeof toRunDetailResponse>;
