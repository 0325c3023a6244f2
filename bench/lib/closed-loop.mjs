/**
 * Does `one` again and again with `concurrency` of them under way; after `millis` begins no further one.
 * @returns milliseconds of all together, and of each one
 */
export async function closedLoop({ millis, concurrency }, one) {
  const latencies = [];
  const started = performance.now();
  const worker = async () => {
    while (performance.now() - started < millis) {
      const began = performance.now();
      await one();
      latencies.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { millis: performance.now() - started, latencies };
}
