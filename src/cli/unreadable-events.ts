import { isCordonError } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

/** An input that cannot be used: wrong usage, not a finding. */
export class UnreadableEvents extends Error {}

/**
 * Says what is wrong with the rules or with the events of `file`, and gives the exit code.
 * @throws what is a fault of neither
 */
export function reportUnreadable(error: unknown, file: string): number {
  if (isCordonError(error)) reportError(error);
  else if (error instanceof UnreadableEvents || isFileError(error)) process.stderr.write(`cordon: ${file}: ${error.message}\n`);
  else throw error;
  return ExitCode.usage;
}

const isFileError = (error: unknown): error is Error => error instanceof Error && 'code' in error && 'syscall' in error;
