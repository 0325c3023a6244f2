import type { Command } from 'commander';
import { ExitCode } from './exit-codes.js';

/** Declares a command of the contract that this version does not offer yet: it says so and exits 3. */
export function unsupported(parent: Command, name: string): void {
  parent
    .command(name)
    .description('not supported yet')
    .allowUnknownOption()
    .argument('[arguments...]')
    .action(() => {
      process.stderr.write(`cordon: '${name}' is not supported yet\n`);
      process.exitCode = ExitCode.unsupported;
    });
}
