import type { Directory, Unknown } from '../kernel/index.js';

const unknown: Unknown = { known: false, reason: 'not_found', detail: 'no directory is connected' };

/** Stands in where there is no context: it knows nobody. */
export const unknownDirectory: Directory = {
  resolve: () => Promise.resolve(unknown),
  personOf: () => Promise.resolve(unknown),
  managersOf: () => Promise.resolve({ managers: [], end: unknown }),
  reportsTo: () => Promise.resolve('unknown'),
  count: () => Promise.resolve(0),
};
