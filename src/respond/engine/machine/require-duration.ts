import { PlaybookFailure } from '../compiled-playbook.js';
import { parseDuration } from '../duration.js';

/** @param what names the place for a person */
export function requireDuration(text: string, what: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new PlaybookFailure(`${what} is ${text}, no ISO 8601 duration`);
  return ms;
}
