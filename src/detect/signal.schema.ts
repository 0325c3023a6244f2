import { z } from 'zod';
import type { StoredSignal } from './signal-row.js';
import { detectErrors } from './detect.errors.js';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;

/** Query of GET /v1/signals. */
const listQuery = z.strictObject({
  rule: z.string().min(1).optional(),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']).optional(),
  since: z.iso.datetime({ offset: true }).transform((text) => new Date(text)).optional(),
  after: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

export interface SignalQuery {
  readonly rule: string | undefined;
  readonly level: string | undefined;
  readonly since: Date | undefined;
  readonly after: PageMark | undefined;
  readonly limit: number;
}

/** Place of the last row of a page: the next page starts behind it. */
export interface PageMark {
  readonly firedAt: Date;
  readonly id: string;
}

/** @throws CordonError `detect.query_invalid`, naming the parameter */
export function parseSignalQuery(query: unknown): SignalQuery {
  const parsed = listQuery.safeParse(query);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
    throw detectErrors.create('detect.query_invalid', { field, detail: `${field}: ${issue?.message ?? 'cannot be used'}` });
  }
  const { rule, level, since, after, limit } = parsed.data;
  return { rule, level, since, after: after === undefined ? undefined : decodeMark(after), limit };
}

export const encodeMark = ({ firedAt, id }: PageMark): string => Buffer.from(`${firedAt.getTime()}.${id}`).toString('base64url');

const MARK = /^(\d{1,15})\.([0-9a-f-]{36})$/;

function decodeMark(text: string): PageMark {
  const match = MARK.exec(Buffer.from(text, 'base64url').toString('utf8'));
  if (!match?.[1] || !match[2]) throw detectErrors.create('detect.query_invalid', { field: 'after', detail: 'after: is not the `next` of an earlier page' });
  return { firedAt: new Date(Number(match[1])), id: match[2] };
}

/** A signal as the API gives it: snake case, ISO times. */
export function toSignalResponse(signal: StoredSignal) {
  return {
    id: signal.id,
    rule: { id: signal.ruleId, title: signal.ruleTitle, version: signal.ruleVersion, kind: signal.ruleKind },
    level: signal.level,
    tags: signal.tags,
    group: signal.group,
    first: signal.first.toISOString(),
    last: signal.last.toISOString(),
    fired_at: signal.firedAt.toISOString(),
    window_ms: signal.windowMs ?? null,
    granularity_ms: signal.granularityMs ?? null,
    value: signal.value ?? null,
    terms: signal.terms,
    event_ids: signal.eventIds,
    event_count: signal.eventCount,
    late: signal.late,
    position: signal.position,
  };
}

export type SignalResponse = ReturnType<typeof toSignalResponse>;
