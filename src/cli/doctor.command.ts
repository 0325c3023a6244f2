import type { Command } from 'commander';

export interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look for what will cause trouble: Node.js, configuration, files, database, disk, clock')
    .option('--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)')
    .option('--json', 'print the findings as JSON')
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./doctor.js');
      process.exitCode = await doctor(options);
    });
}
