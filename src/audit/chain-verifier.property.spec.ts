import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryHash, GENESIS, type ChainEntry, type EntryContent, type WholeEntry } from './chain-entry.js';
import { ChainVerifier, type ChainSummary } from './chain-verifier.js';
import { CheckpointKey } from './checkpoint-key.js';
import { signCheckpoint, type Checkpoint } from './checkpoint.js';

const key = new CheckpointKey(Buffer.alloc(32, 1));
const AT = '2026-03-01T12:00:00Z';

const content = fc.record({
  at: fc.constantFrom('2026-03-01T12:00:00.123Z', '2026-03-01T12:00:00.123456Z', '2026-03-01T12:00:01Z'),
  action: fc.constantFrom('access.key_created', 'incident.closed'),
  actor: fc.string(),
  target: fc.string(),
  detail: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as EntryContent['detail']),
});

const idOf = (index: number): string => `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;

function seal(seq: number, id: string, sealed: EntryContent, prev: string): WholeEntry {
  return { seq, id, prev, hash: entryHash(seq, id, sealed, prev), content: sealed };
}

function chainOf(contents: readonly EntryContent[]): WholeEntry[] {
  const chain: WholeEntry[] = [];
  for (const each of contents) chain.push(seal(chain.length + 1, idOf(chain.length + 1), each, chain.at(-1)?.hash ?? GENESIS));
  return chain;
}

const checkpointOf = ({ seq, hash }: ChainEntry): Checkpoint => signCheckpoint(key, { seq, hash, at: AT });

interface Given {
  readonly checkpoints?: readonly Checkpoint[];
  readonly outside?: readonly Checkpoint[];
  readonly trusted?: readonly string[];
}

/** As the database gives it: by number, each checkpoint behind its entry. */
function verify(chain: readonly ChainEntry[], { checkpoints = [], outside = [], trusted = [] }: Given = {}): ChainSummary {
  const verifier = new ChainVerifier({ after: { seq: 0, hash: GENESIS }, outside, trusted: new Set(trusted) });
  const left = [...checkpoints];
  for (const entry of [...chain].sort((a, b) => a.seq - b.seq)) {
    verifier.entry(entry);
    while (left[0] && left[0].seq <= entry.seq) verifier.checkpoint(left.shift()!);
  }
  for (const checkpoint of left) verifier.checkpoint(checkpoint);
  return verifier.end();
}

/** A chain of some entries and a place in it; entries differ from one another by their ids. */
const place = fc.array(content, { minLength: 2, maxLength: 12 }).chain((contents) => fc.record({ chain: fc.constant(chainOf(contents)), k: fc.nat(contents.length - 1) }));
const renumbered = (chain: readonly ChainEntry[]): ChainEntry[] => chain.map((entry, index) => ({ ...entry, seq: index + 1 }));

const found = ({ finding }: ChainSummary) => finding && { kind: finding.kind, seq: finding.seq, id: finding.id };

describe('ChainVerifier', () => {
  it('finds nothing in a chain that was left alone, whatever checkpoints there are', () => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        const checkpoints = [chain[k]!, chain.at(-1)!].map(checkpointOf);
        expect(verify(chain, { checkpoints: k < chain.length - 1 ? checkpoints : checkpoints.slice(1), outside: checkpoints, trusted: [key.publicKey] })).toMatchObject({
          entries: chain.length, last: { seq: chain.length, hash: chain.at(-1)!.hash }, vouched: chain.length, finding: undefined,
        });
      }),
    );
  });

  it.each(['at', 'action', 'actor', 'target'] as const)('names an entry whose %s was changed', (member) => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        const entry = chain[k]!;
        const changed = chain.with(k, { ...entry, content: { ...entry.content, [member]: `${entry.content[member]}!` } });
        expect(found(verify(changed))).toEqual({ kind: 'changed', seq: k + 1, id: entry.id });
      }),
    );
  });

  it('names an entry whose detail was changed', () => {
    fc.assert(
      fc.property(place, fc.jsonValue(), ({ chain, k }, value) => {
        const entry = chain[k]!;
        const detail = JSON.parse(JSON.stringify(value)) as EntryContent['detail'];
        fc.pre(JSON.stringify(detail) !== JSON.stringify(entry.content.detail));
        const sealed = { ...entry.content, detail };
        fc.pre(entryHash(k + 1, entry.id, sealed, entry.prev) !== entry.hash);
        expect(found(verify(chain.with(k, { ...entry, content: sealed })))).toEqual({ kind: 'changed', seq: k + 1, id: entry.id });
      }),
    );
  });

  it.each(['prev', 'hash', 'id'] as const)('names a link whose %s was changed', (member) => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        const entry = chain[k]!;
        const other = member === 'id' ? idOf(99) : 'f'.repeat(64);
        expect(found(verify(chain.with(k, { ...entry, [member]: other })))).toMatchObject({ kind: 'changed', seq: k + 1 });
      }),
    );
  });

  it('names an entry that was changed and given a fitting hash, as long as what follows was not', () => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        fc.pre(k < chain.length - 1);
        const { seq, id, prev, content: before } = chain[k]!;
        const changed = chain.with(k, seal(seq, id, { ...before, actor: `${before.actor}!` }, prev));
        expect(found(verify(changed))).toEqual({ kind: 'changed', seq, id });
      }),
    );
  });

  it('names an entry whose row is gone', () => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        expect(found(verify(chain.with(k, { ...chain[k]!, content: undefined } as unknown as WholeEntry)))).toEqual({ kind: 'missing', seq: k + 1, id: chain[k]!.id });
      }),
    );
  });

  it('names an entry that was taken out, also where those behind it were renumbered', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 3 }), ({ chain, k }, count) => {
        fc.pre(k + count < chain.length);
        const without = chain.toSpliced(k, count);
        expect(found(verify(without))).toEqual({ kind: 'missing', seq: k + 1, id: null });
        expect(found(verify(renumbered(without)))).toEqual({ kind: 'missing', seq: k + 1, id: null });
      }),
    );
  });

  it('names entries that were put in, with a fitting hash or any', () => {
    fc.assert(
      fc.property(place, fc.array(content, { minLength: 1, maxLength: 3 }), fc.boolean(), ({ chain, k }, more, fitting) => {
        const inserted: ChainEntry[] = [];
        for (const each of fitting ? more : more.slice(0, 1)) {
          const entry = seal(k + 1 + inserted.length, idOf(50 + inserted.length), each, inserted.at(-1)?.hash ?? chain[k - 1]?.hash ?? GENESIS);
          inserted.push(fitting ? entry : { ...entry, hash: 'e'.repeat(64) });
        }
        expect(found(verify(renumbered(chain.toSpliced(k, 0, ...(inserted as WholeEntry[])))))).toEqual({ kind: 'inserted', seq: k + 1, id: idOf(50) });
      }),
    );
  });

  it('names two neighbours that changed places, with or without their links', () => {
    fc.assert(
      fc.property(place, ({ chain, k }) => {
        fc.pre(k < chain.length - 1);
        const [one, other] = [chain[k]!, chain[k + 1]!];
        const swapped = renumbered(chain.toSpliced(k, 2, other, one));
        expect(found(verify(swapped))).toEqual({ kind: 'reordered', seq: k + 1, id: other.id });
        const rows = chain.toSpliced(k, 2, { ...one, id: other.id, content: other.content }, { ...other, id: one.id, content: one.content });
        expect(found(verify(rows))).toEqual({ kind: 'reordered', seq: k + 1, id: other.id });
      }),
    );
  });

  it('names the first entry that was cut off, where a checkpoint reaches beyond it', () => {
    fc.assert(
      fc.property(place, fc.boolean(), ({ chain, k }, inside) => {
        const checkpoint = checkpointOf(chain.at(-1)!);
        const given = inside ? { checkpoints: [checkpoint] } : { outside: [checkpoint] };
        fc.pre(k > 0);
        expect(found(verify(chain.slice(0, k), given))).toEqual({ kind: 'truncated', seq: k + 1, id: null });
        expect(found(verify([], given))).toEqual({ kind: 'truncated', seq: 1, id: null });
      }),
    );
  });

  it('cannot tell a chain cut off behind its last checkpoint from a short one', () => {
    const chain = chainOf([1, 2, 3].map((n) => ({ at: AT, action: 'a', actor: 'b', target: String(n), detail: {} })));
    expect(verify(chain.slice(0, 2), { checkpoints: [checkpointOf(chain[1]!)] }).finding).toBeUndefined();
  });

  it('shows a history that was sealed anew, by the first checkpoint that does not agree', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ chain, k }, pick) => {
        const rewritten = chainOf(chain.map(({ content: before }, index) => (index === k ? { ...before, actor: `${before.actor}!` } : before)));
        expect(verify(rewritten).finding).toBeUndefined();
        const vouching = k + (pick % (chain.length - k));
        const checkpoints = chain.filter((_, index) => index < k || index === vouching).map(checkpointOf);
        expect(found(verify(rewritten, { checkpoints }))).toEqual({ kind: 'rewritten', seq: vouching + 1, id: idOf(vouching + 1) });
        expect(found(verify(rewritten, { outside: checkpoints }))).toEqual({ kind: 'rewritten', seq: vouching + 1, id: idOf(vouching + 1) });
        expect(verify(rewritten, { checkpoints }).finding?.detail).toContain(`from ${k + 1} on`);
      }),
    );
  });

  it('names a checkpoint that was changed or that another key has signed', () => {
    fc.assert(
      fc.property(place, fc.constantFrom<keyof Checkpoint>('hash', 'at', 'signature', 'public_key'), ({ chain, k }, member) => {
        const checkpoint = checkpointOf(chain[k]!);
        const other = signCheckpoint(new CheckpointKey(Buffer.alloc(32, 2)), { seq: k + 1, hash: 'f'.repeat(64), at: '2026-03-01T12:00:00.5Z' });
        expect(found(verify(chain, { checkpoints: [{ ...checkpoint, [member]: other[member] }] }))).toMatchObject({ kind: 'checkpoint', seq: k + 1 });
        const forged = signCheckpoint(new CheckpointKey(Buffer.alloc(32, 2)), { seq: k + 1, hash: chain[k]!.hash, at: AT });
        expect(verify(chain, { checkpoints: [forged] }).finding).toBeUndefined();
        expect(found(verify(chain, { checkpoints: [forged], trusted: [key.publicKey] }))).toMatchObject({ kind: 'checkpoint', seq: k + 1 });
      }),
    );
  });

  it('counts entries that are dated long before the checkpoint in front of them', () => {
    const entries = chainOf([AT, AT, '2026-03-01T11:00:00Z'].map((at) => ({ at, action: 'a', actor: 'b', target: 'c', detail: {} })));
    expect(verify(entries, { checkpoints: [checkpointOf(entries[1]!)] })).toMatchObject({ finding: undefined, late: 1 });
  });
});
