import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { uuidv7 } from '../kernel/index.js';
import { normaliseRecord, type Source } from '../sdk/index.js';

/** Writes one JSON line for each input line to standard output; the slower of input and output sets the pace. */
export async function normaliseLines(source: Source, file: string | undefined): Promise<void> {
  const input: Readable = file === undefined ? process.stdin : createReadStream(file);
  await pipeline(input, (chunks: AsyncIterable<Buffer>) => answers(source, chunks), process.stdout, { end: false });
}

async function* answers(source: Source, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const lines of splitLines(chunks)) {
    yield lines.map((line) => `${answer(source, line)}\n`).join('');
  }
}

function answer(source: Source, line: Buffer): string {
  const result = normaliseRecord(source, line, { receivedAt: new Date(), recordId: uuidv7() });
  return result.kind === 'dropped' ? 'null' : JSON.stringify(result.document);
}

const LINE_FEED = 0x0a;

/** The complete lines of each chunk. Only a line feed ends a line: a record may hold CR, U+2028 or NUL. */
export async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      lines.push(Buffer.concat([...pending, chunk.subarray(start, end)]));
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (pending.length > 0) yield [Buffer.concat(pending)];
}
