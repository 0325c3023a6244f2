import { z } from 'zod';
import { decodePageMark, readInput, type InputFault, type PageMark } from '../platform/index.js';
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

/** @throws CordonError `detect.query_invalid`, naming the parameter */
export function parseSignalQuery(query: unknown): SignalQuery {
  const { rule, level, since, after, limit } = readInput(listQuery, query, refuse);
  return { rule, level, since, after: after === undefined ? undefined : decodePageMark(after, refuse), limit };
}

const refuse = (fault: InputFault) => detectErrors.create('detect.query_invalid', fault);

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
