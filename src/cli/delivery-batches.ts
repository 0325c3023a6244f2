import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { splitBody } from '../intake/index.js';

/** One delivery to come: a body and how many records it holds. */
export interface Batch {
  readonly body: Buffer;
  readonly records: number;
  readonly contentType: string;
}

export interface BatchLimits {
  readonly maxRecords: number;
  /** Bytes of one body; a single larger record is sent alone. */
  readonly maxBytes: number;
}

const LINES = 'application/x-ndjson';
const ARRAY = 'application/json';

/**
 * Cuts an input into deliveries. Records a line are streamed, so that a file may be larger than memory; an input whose
 * first line is no whole record (an array, an object over several lines) is read at once.
 */
export async function* deliveryBatches(input: Readable, limits: BatchLimits): AsyncGenerator<Batch> {
  const lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
  const head: string[] = [];
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    head.push(next.value);
    if (next.value.trim() !== '') break;
  }
  const first = head.at(-1)?.trim() ?? '';
  if (isOpenJson(first)) yield* pack(await wholeRecords(head, lines), limits, { start: '[', separator: ',', end: ']', contentType: ARRAY });
  else yield* pack(allLines(first, lines), limits, { start: '', separator: '\n', end: '', contentType: LINES });
}

/** Whether a line begins a JSON text that goes on below it, or is an array. Text that is no JSON is a record as it stands. */
function isOpenJson(line: string): boolean {
  if (line.startsWith('[')) return true;
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

async function* allLines(first: string, rest: AsyncIterator<string>): AsyncGenerator<Buffer> {
  if (first !== '') yield Buffer.from(first);
  for (let next = await rest.next(); !next.done; next = await rest.next()) if (next.value.trim() !== '') yield Buffer.from(next.value.trim());
}

async function wholeRecords(head: readonly string[], rest: AsyncIterator<string>): Promise<Buffer[]> {
  const lines = [...head];
  for (let next = await rest.next(); !next.done; next = await rest.next()) lines.push(next.value);
  const body = Buffer.from(lines.join('\n'));
  return splitBody(body, { format: 'json', lines: false, maxRecords: Number.MAX_SAFE_INTEGER }).map(({ start, end }) => body.subarray(start, end));
}

interface Frame {
  readonly start: string;
  readonly separator: string;
  readonly end: string;
  readonly contentType: string;
}

async function* pack(records: AsyncIterable<Buffer> | Iterable<Buffer>, { maxRecords, maxBytes }: BatchLimits, frame: Frame): AsyncGenerator<Batch> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  const flush = (): Batch => {
    const parts = waiting.flatMap((record, index) => (index === 0 ? [record] : [Buffer.from(frame.separator), record]));
    const batch = { body: Buffer.concat([Buffer.from(frame.start), ...parts, Buffer.from(frame.end)]), records: waiting.length, contentType: frame.contentType };
    waiting = [];
    bytes = 0;
    return batch;
  };
  for await (const record of records) {
    if (waiting.length > 0 && (waiting.length === maxRecords || bytes + record.length > maxBytes)) yield flush();
    waiting.push(record);
    bytes += record.length + 1;
  }
  if (waiting.length > 0) yield flush();
}
