import { readFile } from 'node:fs/promises';
import { readPlaybook, type ReadPlaybook } from '../respond/engine/read-playbook.js';
import { respondErrors } from '../respond/respond.errors.js';

/** @throws {CordonError} `respond.playbook_invalid` for a file that cannot be read, or is no playbook by its shape */
export async function readPlaybookFile(file: string): Promise<ReadPlaybook> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw respondErrors.create('respond.playbook_invalid', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  });
  const read = readPlaybook(text);
  if (read.ok) return read;
  const [first, ...more] = read.findings;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw respondErrors.create('respond.playbook_invalid', { detail: `${file}${first ? `:${first.line}:${first.column}: ${first.message}` : ''}${others}` });
}
