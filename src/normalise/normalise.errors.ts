import { defineErrors } from '../kernel/index.js';

export const normaliseErrors = defineErrors({
  'normalise.unknown_stream': {
    status: 422,
    title: 'No connector has a stream of this name',
    remedy: 'Choose one of the streams that `cordon normalise --list` prints.',
  },
  'normalise.duplicate_stream': {
    status: 500,
    title: 'Two sources have the same stream name',
    remedy: 'Rename one of them; a stream name is unique over all connectors.',
  },
  'normalise.not_storable': {
    status: 500,
    title: 'The normalised document could not be stored',
    remedy: 'This is a defect: report it with the record, which is kept in quarantine, and replay it with the mended version.',
  },
  'normalise.pipeline_error_unknown': {
    status: 404,
    title: 'There is no such open pipeline error',
    remedy: 'List them with GET /v1/pipeline-errors; one that was replayed or discarded cannot be taken again.',
  },
  'normalise.query_invalid': {
    status: 400,
    title: 'The query cannot be used',
    remedy: 'Correct the parameter that the detail names; docs/api.md lists the parameters and their form.',
  },
});
