/**
 * Puts items together to lists whose sizes add up to at most `limit`; an item larger than that is a list of its own.
 * node-postgres sends an array of binary values as one string in hex, which V8 ends at 512 MiB.
 */
export function* chunksOfSize<T>(items: Iterable<T>, limit: number, sizeOf: (item: T) => number): Generator<T[]> {
  let chunk: T[] = [];
  let size = 0;
  for (const item of items) {
    const added = sizeOf(item);
    if (chunk.length > 0 && size + added > limit) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += added;
  }
  if (chunk.length > 0) yield chunk;
}
