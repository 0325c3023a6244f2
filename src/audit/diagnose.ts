import { entryHash, type ChainEntry } from './chain-entry.js';
import type { Finding, FindingKind } from './finding.js';

/** How many removed neighbours in a row are recognised as such. */
const MOST_REMOVED = 100;

/** Where an entry stands that was found sound: what diagnosing later ones needs of it. */
export type Passed = Pick<ChainEntry, 'seq' | 'id' | 'prev' | 'hash'>;

/** Whether the entry is what was sealed as number `seq` behind the hash `prev`. */
export const isSealedAs = ({ id, content, hash }: ChainEntry, seq: number, prev: string): boolean => content !== undefined && entryHash(seq, id, content, prev) === hash;

/**
 * What happened to a chain at the first entry that does not follow from the one before. A hash covers number, predecessor
 * and content, so an entry that was moved still fits its old place; that tells removal, insertion and change apart.
 * @param passed the entries before that do follow, newest last, as many as are known; `next` the one behind `entry`
 */
export function diagnose(passed: readonly Passed[], seq: number, prev: string, entry: ChainEntry, next: ChainEntry | undefined): Finding {
  const found = (kind: FindingKind, detail: string, at: { seq: number; id: string | null } = { seq, id: entry.id }): Finding => ({ kind, ...at, detail });

  if (entry.seq > seq) return found('missing', `entries ${range(seq, entry.seq - 1)} are gone; the next one is ${entry.seq}`, { seq, id: null });
  if (entry.seq < seq) return found('inserted', `there is a second entry with number ${entry.seq}`, entry);
  if (entry.content === undefined) return found('missing', 'its link is there, its row is gone');
  if (next && belongs(next, entry, seq, prev)) {
    const swapped = belongs(entry, next, seq + 1, next.hash) || belongs(entry, next, seq + 1, entry.hash);
    return swapped ? found('reordered', `it was sealed as entry ${seq + 1}, behind the one that now follows it`) : found('inserted', `the entry that now follows it was sealed as entry ${seq}`);
  }
  if (entry.prev !== prev) return diagnoseBreak(passed, seq, entry, found);
  return found('changed', 'its content is not what was sealed');
}

/** Whether `entry` was sealed at this place, with its own hash or, where only the rows of two links were exchanged, with the other's. */
const belongs = (entry: ChainEntry, other: ChainEntry, seq: number, prev: string): boolean =>
  isSealedAs(entry, seq, prev) || isSealedAs({ ...entry, hash: other.hash }, seq, prev);

type Found = (kind: FindingKind, detail: string, at?: { seq: number; id: string | null }) => Finding;

/** The entry names a predecessor that is not the one before it. */
function diagnoseBreak(passed: readonly Passed[], seq: number, entry: ChainEntry, found: Found): Finding {
  for (const before of passed) {
    if (before.prev === entry.prev && isSealedAs(entry, before.seq, entry.prev)) {
      return found('inserted', `entry ${seq} was sealed as number ${before.seq}, so what stands from there to ${seq - 1} came in later`, before);
    }
  }
  for (let removed = 1; removed <= MOST_REMOVED; removed++) {
    if (isSealedAs(entry, seq + removed, entry.prev)) {
      return found('missing', `entries ${range(seq, seq + removed - 1)} are gone and those behind were renumbered; what stands here was sealed as ${seq + removed}`, { seq, id: null });
    }
  }
  const last = passed.at(-1);
  if (last && isSealedAs(entry, seq, entry.prev)) return found('changed', `it was sealed anew: entry ${seq} states another hash for it; entries before it may be changed too`, last);
  return found('changed', 'its link states another predecessor than the entry before it');
}

const range = (from: number, to: number): string => (from === to ? String(from) : `${from} to ${to}`);
