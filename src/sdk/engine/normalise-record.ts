import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { isCordonError, type CordonError, type EcsEvent, type JsonObject } from '../../kernel/index.js';
import { ECS_VERSION } from '../ecs/ecs-table.generated.js';
import { storableText } from '../mapping/clean-json.js';
import { EcsDraft } from '../mapping/ecs-draft.js';
import { RecordView } from '../mapping/record-view.js';
import { recordErrors } from '../record.errors.js';
import type { Source } from '../source.js';

/** What is known of a record besides its bytes. */
export interface RecordContext {
  readonly receivedAt: Date;
  /** Id of the record in the event log; becomes `event.id` where the vendor gives none. */
  readonly recordId: string;
  /** `data_stream.namespace`; default `default`. */
  readonly namespace?: string;
}

export type NormaliseResult =
  | { readonly kind: 'event'; readonly document: EcsEvent }
  /** The record holds no event (blank line, header, empty page). */
  | { readonly kind: 'dropped'; readonly reason: string }
  /** The record could not be read; the document is valid ECS with `event.kind: pipeline_error` and the raw text. */
  | { readonly kind: 'error'; readonly document: EcsEvent; readonly code: string };

/**
 * One raw record to one ECS document. Pure: the same bytes and context give the same document, and no input makes it throw.
 * `event.hash` is the SHA-256 of the bytes; `event.original` holds them as text, with NUL and undecodable bytes as U+FFFD.
 */
export function normaliseRecord(source: Source, raw: Buffer, context: RecordContext): NormaliseResult {
  const original = storableText(raw.toString('utf8'));
  if (original.trim() === '') return { kind: 'dropped', reason: 'blank record' };
  try {
    const draft = new EcsDraft(context.receivedAt);
    if (!isUtf8(raw)) draft.warn('event.original: bytes that are not UTF-8 were replaced');
    const text = original.charCodeAt(0) === 0xfeff ? original.slice(1) : original;
    const fields = source.parse(text, draft);
    const record = new RecordView(fields, context.receivedAt, source.absent);
    const reason = source.drop?.(record);
    if (reason !== undefined) return { kind: 'dropped', reason };
    if (!record.has(...source.recognisedBy)) {
      throw recordErrors.create('record.unrecognised', { detail: `none of ${source.recognisedBy.join(', ')} has a value` });
    }
    source.apply(record, draft);
    return { kind: 'event', document: frame(draft.finish(), source, raw, original, context) };
  } catch (error) {
    const problem = isCordonError(error) ? error : recordErrors.create('record.mapping_failed', { detail: String(error), cause: error });
    return { kind: 'error', code: problem.code, document: errorDocument(source, problem, raw, original, context) };
  }
}

/** Adds what every event has. A value that the mapping gave stays. */
function frame(document: JsonObject, source: Source, raw: Buffer, original: string, context: RecordContext): EcsEvent {
  const event = (document['event'] ??= {}) as JsonObject;
  event['kind'] ??= 'event';
  event['id'] ??= context.recordId;
  event['module'] = source.module;
  event['dataset'] = source.stream;
  event['ingested'] = context.receivedAt.toISOString();
  event['hash'] = hash('sha256', raw, 'hex');
  event['original'] = original;
  document['ecs'] = { version: ECS_VERSION };
  document['data_stream'] = { type: 'logs', dataset: source.stream, namespace: context.namespace ?? 'default' };
  return document as EcsEvent;
}

function errorDocument(source: Source, problem: CordonError, raw: Buffer, original: string, context: RecordContext): EcsEvent {
  const document: JsonObject = {
    '@timestamp': context.receivedAt.toISOString(),
    event: { kind: 'pipeline_error' },
    error: { code: problem.code, message: storableText(problem.message) },
  };
  return frame(document, source, raw, original, context);
}
