/** Something that went wrong and that a person can act on: printed without a stack. */
export class Failure extends Error {
  constructor(message, { remedy, exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** Prints an error and sets the exit code; the last `catch` of every script. */
export function reportFailure(error) {
  if (error instanceof Failure) {
    process.stderr.write(`cordon: ${error.message}\n`);
    if (error.remedy) process.stderr.write(`  remedy: ${error.remedy}\n`);
    process.exitCode = error.exitCode;
    return;
  }
  process.stderr.write(`cordon: unexpected error: ${error?.stack ?? error}\n`);
  process.exitCode = 1;
}
