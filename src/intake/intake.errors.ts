import { defineErrors } from '../kernel/index.js';

/**
 * The first group answers a whole delivery, the second stands as `code` of one item under `rejected`. Why a sender was
 * not authenticated is told to metrics and counters only, see refusal.ts.
 */
export const intakeErrors = defineErrors({
  'intake.unknown_source': {
    status: 404,
    title: 'There is no source with this name',
    remedy: 'Use a name under `sources` of the configuration, or add the source and restart.',
  },
  'intake.unauthenticated': {
    status: 401,
    title: 'The delivery is not authenticated for this source',
    remedy:
      'Check the key, that X-Cordon-Signature (t=<unix seconds>,v1=<hex>) signs `t.body` over the bytes as sent, and the clock of the sender. ' +
      'The exact reason is in the metric cordon_intake_refused_total.',
  },
  'intake.replayed': {
    status: 409,
    title: 'This signature was used before under another delivery id',
    remedy: 'Give a retry the delivery id of its first attempt; sign a new delivery again, with a time of its own.',
  },
  'intake.delivery_id': {
    status: 400,
    title: 'The delivery id cannot be used',
    remedy: 'Send X-Cordon-Delivery with 1 to 128 visible ASCII characters, the same on each retry of a delivery.',
  },
  'intake.body_too_large': {
    status: 413,
    title: 'The body is larger than this intake takes',
    remedy: 'Send fewer records in a delivery; the limits are intake.maxBodyBytes and, after gzip, intake.maxInflatedBytes.',
  },
  'intake.content_encoding': {
    status: 415,
    title: 'The content encoding is not supported',
    remedy: 'Send the body as it is or with Content-Encoding: gzip.',
  },
  'intake.gzip_invalid': {
    status: 400,
    title: 'The body is not valid gzip',
    remedy: 'Compress the body with gzip (RFC 1952), or leave Content-Encoding out.',
  },
  'intake.gzip_ratio': {
    status: 413,
    title: 'The body inflates too far for its size',
    remedy: 'Send the records uncompressed or in smaller deliveries.',
  },
  'intake.empty': {
    status: 400,
    title: 'The delivery holds no record',
    remedy: 'Send a JSON object, an array of objects, or one record a line.',
  },
  'intake.too_many_records': {
    status: 413,
    title: 'The delivery holds too many records',
    remedy: 'Split it; the limit is intake.maxRecords.',
  },
  'intake.all_rejected': {
    status: 400,
    title: 'No record of the delivery can be taken',
    remedy: 'Look up the code of each record in docs/errors.md, correct the records and send them again.',
  },
  'intake.quota': {
    status: 429,
    title: 'The source sends more than its quota',
    remedy: 'Send again after the time in Retry-After, or raise the quota of the source.',
    retryable: true,
  },
  'intake.busy': {
    status: 429,
    title: 'The intake has as much waiting as it may hold',
    remedy: 'Send again after the time in Retry-After.',
    retryable: true,
  },
  'intake.disk_full': {
    status: 429,
    title: 'The disk of the server is nearly full',
    remedy: 'Free disk space or shorten retention; the floor is intake.minFreeBytes. Send again after the time in Retry-After.',
    retryable: true,
  },
  'intake.log_unavailable': {
    status: 429,
    title: 'The delivery could not be stored',
    remedy: 'Send again after the time in Retry-After, with the same delivery id; check the database if it lasts.',
    retryable: true,
  },

  'intake.invalid_json': {
    status: 400,
    title: 'The record is not valid JSON',
    remedy: 'Send one JSON object a record (RFC 8259); a text format needs a source with a text stream.',
  },
  'intake.not_an_object': {
    status: 400,
    title: 'The record is not a JSON object',
    remedy: 'Wrap the value into an object.',
  },
  'intake.invalid_utf8': {
    status: 400,
    title: 'The record is not valid UTF-8',
    remedy: 'Encode the record as UTF-8 (RFC 3629).',
  },
  'intake.too_deep': {
    status: 400,
    title: 'The record is nested too deeply',
    remedy: 'Flatten the record; the limit is intake.maxDepth.',
  },
  'intake.record_too_large': {
    status: 400,
    title: 'The record is too large',
    remedy: 'Shorten the record; the limit is intake.maxRecordBytes.',
  },
  'intake.policy_needs_json': {
    status: 400,
    title: 'The field policy of the source cannot read this record',
    remedy: 'Send JSON objects, or remove fieldPolicy from a source that sends plain text.',
  },
});

/** Codes that refuse one record of a delivery. */
export type ItemCode =
  | 'intake.invalid_json'
  | 'intake.not_an_object'
  | 'intake.invalid_utf8'
  | 'intake.too_deep'
  | 'intake.record_too_large'
  | 'intake.policy_needs_json';
