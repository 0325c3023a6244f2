import { z } from 'zod';
import { readInput, type InputFault } from '../platform/index.js';
import type { StoredDeadLetter } from './dead-letters.js';
import { forwardErrors } from './forward.errors.js';
import type { SinkStatus } from './forward.service.js';

const MAX_PAGE = 500;

const listQuery = z.strictObject({ after: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100) });
const retryBody = z.strictObject({ limit: z.int().min(1).max(MAX_PAGE).default(100) });
const discardBody = z.strictObject({ ids: z.array(z.uuid()).min(1).max(MAX_PAGE) });

const refuse = (fault: InputFault) => forwardErrors.create('forward.request_invalid', fault);

/** Query of GET /v1/forward/:sink/dead-letters. @throws CordonError `forward.request_invalid` */
export const parseDeadLetterQuery = (query: unknown) => readInput(listQuery, query, refuse);
/** Body of POST /v1/forward/:sink/dead-letters/retry. @throws CordonError `forward.request_invalid` */
export const parseRetry = (body: unknown) => readInput(retryBody, body ?? {}, refuse);
/** Body of POST /v1/forward/:sink/dead-letters/discard. @throws CordonError `forward.request_invalid` */
export const parseDiscard = (body: unknown) => readInput(discardBody, body, refuse);

export function toSinkResponse({ sink, configured, feeds, deadLetters }: SinkStatus) {
  return { sink, configured, feeds: feeds.map(({ feed, position, behind, movedAt }) => ({ feed, position, behind, moved_at: movedAt.toISOString() })), dead_letters: deadLetters };
}

export function toDeadLetterPage(letters: readonly StoredDeadLetter[], limit: number) {
  return {
    dead_letters: letters.map(({ feed, document, reason, at }) => ({ id: document.id, feed, dataset: document.dataset, reason, at: at.toISOString(), document: document.doc })),
    next: letters.length === limit ? (letters.at(-1)?.document.id ?? null) : null,
  };
}
