import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

const LINE_FEED = 0x0a;
const WORDS = 8;

/**
 * Passes lines of COPY's text format on and adds up their SHA-256, as 8 words modulo 2^32 each. Two tables with the same
 * rows give the same sum whatever the order in which the server reads them.
 */
export class RowHash extends Transform {
  rows = 0;
  private readonly sum = new Uint32Array(WORDS);
  private pending: Buffer[] = [];

  get hex(): string {
    return [...this.sum].map((word) => word.toString(16).padStart(8, '0')).join('');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.add(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.pending.push(Buffer.from(chunk.subarray(start)));
    done(null, chunk);
  }

  private add(rest: Buffer): void {
    const hash = createHash('sha256');
    for (const part of this.pending) hash.update(part);
    this.pending = [];
    const digest = hash.update(rest).digest();
    for (let word = 0; word < WORDS; word++) this.sum[word] = (this.sum[word] ?? 0) + digest.readUInt32BE(word * 4);
    this.rows++;
  }
}
