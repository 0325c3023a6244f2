import { defineErrors } from '../../kernel/index.js';

export const cursorErrors = defineErrors({
  'platform.cursor_moved': {
    status: 409,
    title: 'The cursor of a reader was moved by somebody else',
    remedy: 'Nothing to do: the reader starts again from where the cursor is now.',
    retryable: true,
  },
});
