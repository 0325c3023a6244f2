import type { Command } from 'commander';
import { isCordonError } from '../kernel/index.js';
import type { StreamRegistry } from '../normalise/index.js';
import { ExitCode } from './exit-codes.js';
import { reportError } from './report-error.js';

interface NormaliseOptions {
  readonly stream?: string;
  readonly in?: string;
  readonly list?: boolean;
}

export function registerNormalise(program: Command): void {
  const command = program
    .command('normalise')
    .description('turn raw records into ECS documents, one a line, without a database')
    .option('--stream <name>', 'stream of the records, <package>.<stream>')
    .option('--in <file>', 'raw records, one a line (default: standard input)')
    .option('--list', 'print the supported streams, their class and how they are delivered');
  command.action(async (options: NormaliseOptions) => {
    if (options.list) return listStreams();
    if (!options.stream) command.error('error: give --stream <name> or --list', { exitCode: ExitCode.usage });
    else process.exitCode = await normalise(options.stream, options.in);
  });
}

async function streams(): Promise<StreamRegistry> {
  const [{ connectors }, normaliseModule] = await Promise.all([import('../connectors.js'), import('../normalise/index.js')]);
  return new normaliseModule.StreamRegistry(connectors);
}

async function listStreams(): Promise<void> {
  const rows = (await streams()).list().map((source) => `${source.stream}\t${source.class}\t${source.delivery}\n`);
  process.stdout.write(rows.join(''));
}

async function normalise(stream: string, file: string | undefined): Promise<number> {
  const { normaliseLines } = await import('./normalise-lines.js');
  try {
    await normaliseLines((await streams()).require(stream), file);
    return ExitCode.ok;
  } catch (error) {
    // whoever reads our output has enough, as in `cordon normalise … | head`
    if (systemCode(error) === 'EPIPE') return ExitCode.ok;
    if (UNREADABLE.has(systemCode(error) ?? '')) process.stderr.write(`cordon: cannot read ${file ?? 'standard input'}: ${String(systemCode(error))}\n`);
    else if (isCordonError(error, 'normalise.unknown_stream')) reportError(error);
    else throw error;
    return ExitCode.usage;
  }
}

const UNREADABLE: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EPERM', 'ENOTDIR']);

const systemCode = (error: unknown): string | undefined => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined);
