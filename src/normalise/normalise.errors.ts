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
});
