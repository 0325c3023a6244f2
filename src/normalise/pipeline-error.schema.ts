import { z } from 'zod';
import { readInput } from '../platform/index.js';
import { normaliseErrors } from './normalise.errors.js';
import type { PipelineError, PipelineErrorQuery } from './pipeline-error-store.js';

const MAX_PAGE = 500;
const DEFAULT_PAGE = 100;

const listQuery = z.strictObject({
  status: z.enum(['open', 'replayed', 'discarded']).default('open'),
  stream: z.string().min(1).optional(),
  after: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

const replayBody = z.strictObject({
  stream: z.string().min(1).optional(),
  limit: z.int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
});

const read = <T extends z.ZodType>(schema: T, input: unknown): z.output<T> => readInput(schema, input, (fault) => normaliseErrors.create('normalise.query_invalid', fault));

/** Query of GET /v1/pipeline-errors. @throws CordonError `normalise.query_invalid` */
export function parseListQuery(query: unknown): PipelineErrorQuery {
  const { status, stream, after, limit } = read(listQuery, query);
  return { status, stream, after, limit };
}

/** Body of POST /v1/pipeline-errors/replay. @throws CordonError `normalise.query_invalid` */
export function parseReplayBody(body: unknown): { stream: string | undefined; limit: number } {
  const { stream, limit } = read(replayBody, body ?? {});
  return { stream, limit };
}

export function toErrorResponse(error: PipelineError) {
  return {
    record_id: error.recordId,
    position: error.position,
    source: error.source,
    stream: error.stream,
    code: error.code,
    message: error.message,
    status: error.status,
    at: error.at.toISOString(),
    resolved_at: error.resolvedAt?.toISOString() ?? null,
    replayed_as: error.replayedAs,
  };
}

export type PipelineErrorResponse = ReturnType<typeof toErrorResponse>;
