import { defineErrors } from '../kernel/index.js';

export const normaliseErrors = defineErrors({
  'normalise.unknown_stream': {
    status: 422,
    title: 'no connector has a stream of this name',
    remedy: 'choose one of the streams that `cordon normalise --list` prints',
  },
  'normalise.duplicate_stream': {
    status: 500,
    title: 'two sources have the same stream name',
    remedy: 'rename one of them; a stream name is unique over all connectors',
  },
});
