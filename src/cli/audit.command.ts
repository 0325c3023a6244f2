import { InvalidArgumentError, type Command } from 'commander';

export interface AuditOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface VerifyAuditOptions extends AuditOptions {
  readonly file?: string;
  readonly checkpoint?: string[];
  readonly publicKey?: string[];
}

export interface ExportAuditOptions extends AuditOptions {
  readonly out?: string;
  readonly fromSeq?: number;
}

const CONFIG = ['--config <file>', 'configuration file (default: CORDON_CONFIG, else config/cordon.yaml)'] as const;

export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('the sealed audit trail: verify it, take it away, keep proof of it elsewhere');
  audit
    .command('verify')
    .description('check every entry, link and signature; name the first entry that is not as it was sealed')
    .option('--file <file>', 'check an export instead of the database; needs neither configuration nor database')
    .option('--checkpoint <file...>', 'checkpoints that were kept elsewhere: files, or the printed line itself')
    .option('--public-key <key...>', 'keys that may have signed, as `cordon audit public-key` prints them')
    .option(...CONFIG)
    .option('--json', 'print the result as JSON')
    .action(async (options: VerifyAuditOptions) => {
      process.exitCode = await (await import('./audit-verify.js')).verifyAudit(options);
    });
  audit
    .command('export')
    .description('write entries, links and checkpoints as NDJSON, for `cordon audit verify --file`; puts on record who did')
    .option('--out <file>', 'new file to write (0600) instead of stdout')
    .option('--from-seq <number>', 'leave out entries below this number', entryNumber)
    .option(...CONFIG)
    .action(async (options: ExportAuditOptions) => (await import('./audit.js')).exportAudit(options));
  audit
    .command('checkpoint')
    .description('print the newest signed checkpoint as one line, to be kept on another machine')
    .option(...CONFIG)
    .option('--json', 'the same: it is JSON')
    .action(async (options: AuditOptions) => (await import('./audit.js')).printCheckpoint(options));
  audit
    .command('public-key')
    .description('print the public key that checkpoints of this installation are signed with')
    .option(...CONFIG)
    .action(async (options: AuditOptions) => (await import('./audit.js')).printPublicKey(options));
}

function entryNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('the number of an entry is needed, 1 or more.');
  return value;
}
