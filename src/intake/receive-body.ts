import type { Readable } from 'node:stream';

/** Reads a body whole. `arrived` is told the size so far with each chunk and ends the reading by throwing. */
export function receiveBody(stream: Readable, arrived: (size: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      try {
        arrived(size);
      } catch (error) {
        stream.off('data', onData);
        chunks.length = 0;
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      chunks.push(chunk);
    };
    stream.on('data', onData);
    // A copy always: a chunk is a view that keeps the whole read buffer of the socket alive.
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
  });
}
