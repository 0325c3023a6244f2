import { GENESIS } from './chain-entry.js';
import type { ChainReader } from './chain-reader.js';
import { ChainVerifier, type ChainSummary } from './chain-verifier.js';
import type { Checkpoint } from './checkpoint.js';
import { readExport, readHeader, type FileItem } from './export-file.js';

export interface VerifyOptions {
  /** Checkpoints that were kept elsewhere. */
  readonly outside: readonly Checkpoint[];
  /** Public keys that may have signed. Empty: any key that fits. */
  readonly trusted: ReadonlySet<string>;
  /** Called now and then with the number of the newest entry that was read. */
  readonly onProgress?: (seq: number) => void;
}

export interface VerifyReport extends ChainSummary {
  /** Number of the first entry that was looked at. */
  readonly from: number;
  /** Rows that wait for their link: nothing vouches for them yet. Undefined for a file. */
  readonly unsealed: number | undefined;
}

const PROGRESS_EVERY = 10_000;

/** Verifies the chain in the database, then looks for rows outside it. */
export async function verifyDatabase(reader: ChainReader, options: VerifyOptions): Promise<VerifyReport> {
  const after = { seq: 0, hash: GENESIS };
  const summary = await run(after, reader.items(after.seq, await reader.extent()), options);
  const finding = summary.finding ?? (await reader.stray());
  return { ...summary, finding, from: 1, unsealed: (await reader.unsealed()).count };
}

/**
 * Verifies an export by its lines.
 * @throws CordonError `audit.file_unreadable`
 */
export async function verifyExport(lines: AsyncIterable<string>, options: VerifyOptions): Promise<VerifyReport> {
  const reading = lines[Symbol.asyncIterator]();
  const first = await reading.next();
  const header = readHeader(first.done ? '' : first.value);
  const rest = { [Symbol.asyncIterator]: () => reading };
  return { ...(await run(header.after, readExport(header, rest), options)), from: header.after.seq + 1, unsealed: undefined };
}

async function run(after: { seq: number; hash: string }, items: AsyncIterable<FileItem>, { outside, trusted, onProgress }: VerifyOptions): Promise<ChainSummary> {
  const verifier = new ChainVerifier({ after, outside, trusted });
  for await (const item of items) {
    if (item.entry) {
      if (item.entry.seq % PROGRESS_EVERY === 0) onProgress?.(item.entry.seq);
      if (!verifier.entry(item.entry)) break;
    } else if (item.checkpoint) {
      if (!verifier.checkpoint(item.checkpoint)) break;
    } else {
      // What is wrong with the chain up to here comes before what is wrong with the file.
      const summary = verifier.end();
      return { ...summary, finding: summary.finding ?? item.finding };
    }
  }
  return verifier.end();
}
