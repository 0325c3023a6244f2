import { intakeErrors } from './intake.errors.js';
import { closesAtEnd, splitArray, startsArray, trim, type ByteRange } from './scan-json.js';

/** How a source's records are framed. `text`: one record a line, whatever it is. `json`: objects. */
export type RecordFormat = 'json' | 'text';

export interface SplitOptions {
  readonly format: RecordFormat;
  /** Most records; one more is an error. */
  readonly maxRecords: number;
  /** True where Content-Type says one JSON text a line (application/x-ndjson, application/jsonl …). */
  readonly lines: boolean;
}

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LINE_TYPES = /^(application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json-seq)|text\/plain)\b/i;

export const isLineType = (contentType: string | undefined): boolean => contentType !== undefined && LINE_TYPES.test(contentType);

/**
 * Cuts a body into records, as byte ranges in their order; blank lines are no records. For JSON, a body that starts with
 * `[` is an array; one object may span lines, and where the body goes on behind it, it was the first of several lines.
 * @throws CordonError `intake.empty`, `intake.too_many_records`, `intake.invalid_json` (an array that does not close)
 */
export function splitBody(body: Buffer, { format, maxRecords, lines }: SplitOptions): ByteRange[] {
  const bom = body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  const whole = trim(body, { start: bom, end: body.length });
  if (whole.start === whole.end) throw intakeErrors.create('intake.empty');
  const records = format === 'text' || lines ? splitLines(body, whole, maxRecords) : splitJson(body, whole, maxRecords);
  if (records.length === 0) throw intakeErrors.create('intake.empty');
  if (records.length > maxRecords) throw intakeErrors.create('intake.too_many_records', { detail: `more than ${maxRecords}` });
  return records;
}

function splitJson(body: Buffer, whole: ByteRange, maxRecords: number): ByteRange[] {
  if (startsArray(body, whole)) {
    const elements = splitArray(body, whole, maxRecords);
    if (elements === undefined) throw intakeErrors.create('intake.invalid_json', { detail: 'the array is not closed, or something follows it' });
    return elements;
  }
  return !hasLineFeed(body, whole) || closesAtEnd(body, whole) ? [whole] : splitLines(body, whole, maxRecords);
}

const hasLineFeed = (body: Buffer, { start, end }: ByteRange): boolean => {
  const at = body.indexOf(LINE_FEED, start);
  return at !== -1 && at < end;
};

function splitLines(body: Buffer, { start, end }: ByteRange, maxRecords: number): ByteRange[] {
  const records: ByteRange[] = [];
  let from = start;
  while (from < end && records.length <= maxRecords) {
    const found = body.indexOf(LINE_FEED, from);
    const to = found === -1 || found > end ? end : found;
    const line = trim(body, { start: from, end: to });
    if (line.end > line.start) records.push(line);
    from = to + 1;
  }
  return records;
}
