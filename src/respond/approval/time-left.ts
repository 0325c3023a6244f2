const UNITS: readonly (readonly [string, number])[] = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1_000]];

/** `in 2 hours 5 minutes`, `25 minutes ago`: the two largest units, for people; seconds only in the last minutes. */
export function timeLeft(until: Date, now: Date): string {
  const distance = Math.abs(until.getTime() - now.getTime());
  const first = UNITS.findIndex(([, length]) => distance >= length);
  if (first === -1) return 'now';
  let rest = distance;
  const units = distance >= 300_000 ? UNITS.slice(0, -1) : UNITS;
  const parts = units.slice(first, first + 2).flatMap(([name, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [`${count} ${name}${count === 1 ? '' : 's'}`];
  });
  return until > now ? `in ${parts.join(' ')}` : `${parts.join(' ')} ago`;
}
