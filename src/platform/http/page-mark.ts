import { faultAt, type InputFault } from './read-input.js';

/** Place of the last row of a page that is ordered by a time and an id: the next page starts behind it. */
export interface PageMark {
  readonly at: Date;
  readonly id: string;
}

/** A mark as the API gives it (`next`): opaque to callers. */
export const encodePageMark = ({ at, id }: PageMark): string => Buffer.from(`${at.getTime()}.${id}`).toString('base64url');

const MARK = /^(\d{1,15})\.([0-9a-f-]{36})$/;

/** @param field the parameter that carries it */
export function decodePageMark(text: string, refuse: (fault: InputFault) => Error, field = 'after'): PageMark {
  const match = MARK.exec(Buffer.from(text, 'base64url').toString('utf8'));
  if (!match?.[1] || !match[2]) throw refuse(faultAt(field, 'is not the `next` of an earlier page'));
  return { at: new Date(Number(match[1])), id: match[2] };
}
