import { distance } from 'fastest-levenshtein';

/** The known name that a misspelt one most likely means, undefined where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  // Two letters exchanged count as two edits.
  const limit = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known) {
    const far = name.toLowerCase() === candidate.toLowerCase() ? 0 : distance(name.slice(0, 100), candidate.slice(0, 100));
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

/** ` (did you mean 'x'?)` for a message, empty where no known name is near. */
export function closest(name: string, known: readonly string[]): string {
  const best = nearest(name, known);
  return best === undefined ? '' : ` (did you mean '${best}'?)`;
}
