import { isCordonError } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';

/** Prints an error for a person on stderr and gives the exit code. A catalogue error prints its code and remedy, never a stack. */
export function reportError(error: unknown): number {
  if (isCordonError(error)) {
    process.stderr.write(`cordon: ${error.message}\n  code:   ${error.code}\n  remedy: ${error.definition.remedy}\n`);
    return ExitCode.findings;
  }
  process.stderr.write(`cordon: unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return ExitCode.findings;
}
