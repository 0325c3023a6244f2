import { defineErrors } from '../kernel/index.js';

/**
 * Why a record could not be normalised. The code stands in `error.code` of the pipeline error document; the record stays in
 * the log and can be replayed once its mapping is repaired.
 */
export const recordErrors = defineErrors({
  'record.invalid_json': {
    status: 422,
    title: 'The record is not valid JSON',
    remedy: 'Send one complete JSON document a record; see error.message for the place of the mistake.',
  },
  'record.not_an_object': {
    status: 422,
    title: 'The record is JSON but not an object',
    remedy: 'Send one JSON object a record; an array is split only at intake.',
  },
  'record.unreadable_line': {
    status: 422,
    title: 'The line has none of the formats of this stream',
    remedy: 'Compare the sender\'s log format with the formats in the connector\'s README.',
  },
  'record.unrecognised': {
    status: 422,
    title: 'The record has none of the fields by which this stream is recognised',
    remedy: 'Check that the source is set to the stream that its sensor sends; `cordon normalise --list` prints the streams.',
  },
  'record.missing_field': {
    status: 422,
    title: 'A required field is missing or has the wrong type',
    remedy: 'Send the field that error.message names in the form that the stream\'s documentation gives.',
  },
  'record.mapping_failed': {
    status: 500,
    title: 'The mapping of this stream failed on the record',
    remedy: 'This is a defect of the mapping: report it with the record, then replay the record with the repaired version.',
  },
});
