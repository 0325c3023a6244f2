import type { JsonValue } from '../../../kernel/index.js';
import { PlaybookFailure } from '../compiled-playbook.js';
import { parseDuration } from '../duration.js';

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds from `at` to when an `after` key is due, negative where that has passed. The key gave an ISO 8601 duration
 * or an absolute time.
 * @throws PlaybookFailure neither of the two
 */
export function delayOf(value: JsonValue, at: Date): number {
  if (typeof value === 'string') {
    const duration = parseDuration(value);
    if (duration !== undefined) return duration;
    const time = TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(time)) return time - at.getTime();
  }
  throw new PlaybookFailure(`an after key gave ${JSON.stringify(value)}, which is neither an ISO 8601 duration nor a time with its zone`);
}
