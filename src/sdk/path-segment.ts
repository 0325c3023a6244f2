import { ActionFailure } from '../kernel/index.js';

/**
 * A text as one segment of the path of an address. `.` and `..` are refused, since no encoding keeps them from naming another
 * path (WHATWG URL §4.4), and so is text that no address can hold.
 * @param field whose text it is, for the message
 * @throws ActionFailure INPUT_INVALID
 */
export function pathSegment(text: string, field: string): string {
  if (text === '' || text === '.' || text === '..') throw refused(`${field} is '${text}', which would name another address`);
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    throw refused(`${field} is no well-formed text`, cause);
  }
}

const refused = (message: string, cause?: unknown) => new ActionFailure(message, { code: 'INPUT_INVALID', retryable: false, notSent: true, cause });
