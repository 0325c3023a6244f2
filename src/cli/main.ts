#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { registerCommands } from './commands.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

const program = new Command('cordon')
  .description('SIEM integration and SOAR playbooks: authenticated alerts in, checked and reversible containment out')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();
registerCommands(program);

// A reader that closes the pipe early (head, less) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else process.exitCode = reportError(error);
}
