/**
 * Runs variants in turn, so that what else the machine does hits all of them alike.
 * @param variants name -> function that does the work once and gives its rate
 * @returns name -> median rate of the rounds
 */
export async function interleaved(variants, rounds = 5) {
  const rates = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (const run of Object.values(variants)) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(variants)) rates[name].push(await run());
  }
  return Object.fromEntries(Object.entries(rates).map(([name, values]) => [name, median(values)]));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Rate of calls of `step` (a second), which handles `count` items; repeated for at least `millis`. */
export function rateOf(step, count, millis) {
  const start = performance.now();
  let done = 0;
  let elapsed;
  do {
    step();
    done += count;
    elapsed = performance.now() - start;
  } while (elapsed < millis);
  return (done / elapsed) * 1000;
}
