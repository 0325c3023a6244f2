import { createGunzip } from 'node:zlib';
import { intakeErrors } from './intake.errors.js';

export interface InflateLimits {
  /** Most bytes of the result. */
  readonly maxBytes: number;
  /** Most bytes of the result for one byte of input; small results are exempt, see {@link RATIO_FREE_BYTES}. */
  readonly maxRatio: number;
}

/** Log lines that repeat compress to 1/100 and better; a result this small harms nobody whatever its ratio. */
const RATIO_FREE_BYTES = 1024 * 1024;

/**
 * Inflates a gzip body as a stream and stops at the first chunk over a limit, so that a bomb never takes more memory
 * than the limit plus one chunk. `grown` is told the size so far with each chunk and ends the inflating by throwing.
 * @throws CordonError `intake.gzip_invalid`, `intake.gzip_ratio`, `intake.body_too_large`
 */
export function inflate(body: Buffer, { maxBytes, maxRatio }: InflateLimits, grown: (size: number) => void = () => {}): Promise<Buffer> {
  const ratioBytes = Math.max(RATIO_FREE_BYTES, body.length * maxRatio);
  return new Promise((resolve, reject) => {
    const gunzip = createGunzip();
    const chunks: Buffer[] = [];
    let size = 0;
    gunzip.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) gunzip.destroy(intakeErrors.create('intake.body_too_large', { detail: `more than ${maxBytes} bytes after gzip` }));
      else if (size > ratioBytes) gunzip.destroy(intakeErrors.create('intake.gzip_ratio', { detail: `more than ${maxRatio} bytes for each byte received` }));
      else {
        try {
          grown(size);
          chunks.push(chunk);
        } catch (error) {
          gunzip.destroy(error as Error);
        }
      }
    });
    gunzip.on('end', () => resolve(Buffer.concat(chunks, size)));
    gunzip.on('error', (error: NodeJS.ErrnoException) => {
      const fromZlib = error.code?.startsWith('Z_') === true || error.code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END';
      reject(fromZlib ? intakeErrors.create('intake.gzip_invalid', { cause: error }) : error);
    });
    gunzip.end(body);
  });
}
